"""What a complainant was sent, as it came out at the other end of the mail."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.channels.kept_mail import KeptMail, kept_in
from complaints.delivery import COMPLAINANT, Fate
from complaints.records.deliveries import Delivery, listed

PATIENCE = 20.0
"""Seconds which everything owed is given to go out."""
SALUTATION = "Dear "


@dataclass(frozen=True)
class Letter:
    """One that has gone."""

    delivery: Delivery
    subject: str
    begins: str
    """The first that it says."""


async def letters_of(engine: AsyncEngine, reference: str, mail: Path) -> list[Letter]:
    """In the order in which they were owed, once all that is owed has gone or is held."""
    async with asyncio.timeout(PATIENCE):
        while True:
            deliveries = [each async for each in listed(engine, reference=reference)]
            if not any(each.fate is Fate.WAITING for each in deliveries):
                break
            await asyncio.sleep(0.05)
    kept = {message.message_id.lstrip("<").rpartition("@")[0]: message for message in kept_in(mail)}
    return [
        _letter(delivery, kept.get(str(delivery.key)))
        for delivery in deliveries
        if delivery.key.to == COMPLAINANT and delivery.fate is Fate.SENT
    ]


def _letter(delivery: Delivery, message: KeptMail | None) -> Letter:
    if message is None:
        return Letter(delivery, (delivery.occasion or "").replace("_", " "), "By post, as a PDF for the mail room.")
    return Letter(delivery, message.subject, _beginning(message))


def _beginning(message: KeptMail) -> str:
    blocks = message.text.split("\n\n")
    salutation = next(number for number, block in enumerate(blocks) if block.startswith(SALUTATION))
    return " ".join(blocks[salutation + 1].split())
