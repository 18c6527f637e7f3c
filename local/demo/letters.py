"""Letters as they arrived at the complainant's mail server or the mail room."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.channels.local_mailbox import StoredEmail, read_mailbox
from complaints.letters.stationery import Stationery, load_stationery
from complaints.letters.text import render_text
from complaints.messages.key import COMPLAINANT, DeliveryStatus
from complaints.procedure.enums import Channel
from complaints.records.deliveries import Delivery, claim, list_deliveries
from local.servers.channels import LETTERS

PATIENCE = 20.0
"""Seconds to wait until every owed letter is sent."""
SALUTATION = "Dear "


@dataclass(frozen=True)
class ArrivedLetter:
    """A letter that was sent."""

    delivery: Delivery
    subject: str
    begins: str
    """Its opening sentences."""


async def letters_of(engine: AsyncEngine, reference: str, mail: Path) -> list[ArrivedLetter]:
    """Return the letters in the order in which they were owed, once each is sent or held."""
    async with asyncio.timeout(PATIENCE):
        while True:
            deliveries = [each async for each in list_deliveries(engine, reference=reference)]
            if not any(each.status is DeliveryStatus.WAITING for each in deliveries):
                break
            await asyncio.sleep(0.05)
    kept = {message.message_id.lstrip("<").rpartition("@")[0]: message for message in read_mailbox(mail)}
    stationery = load_stationery(LETTERS)
    return [
        _by_mail(delivery, kept[str(delivery.key)])
        if delivery.channel == Channel.EMAIL
        else await _by_post(engine, delivery, stationery)
        for delivery in deliveries
        if delivery.key.to == COMPLAINANT and delivery.status is DeliveryStatus.SENT
    ]


def _by_mail(delivery: Delivery, message: StoredEmail) -> ArrivedLetter:
    return ArrivedLetter(delivery, message.subject, _beginning(message.text))


async def _by_post(engine: AsyncEngine, delivery: Delivery, stationery: Stationery) -> ArrivedLetter:
    """Render a posted letter as text, from the same facts as the mail room's PDF."""
    assert delivery.sent_at, "it has gone"
    async with claim(engine, delivery.key) as claimed:
        letter = stationery.compose(await claimed.contents(), Channel.POST, delivery.sent_at)
    return ArrivedLetter(delivery, f"{letter.subject} (by post)", _beginning(render_text(letter)))


def _beginning(text: str) -> str:
    """Return the first paragraph, and the first one under a heading (the decision)."""
    blocks = text.split("\n\n")
    salutation = next(number for number, block in enumerate(blocks) if block.startswith(SALUTATION))
    first = salutation + 1
    heading = next(number for number in range(first, len(blocks)) if _is_heading(blocks[number]))
    return " ".join(" ".join(block.split()) for block in (blocks[first], blocks[heading + 1]))


def _is_heading(block: str) -> bool:
    return not block.startswith((" ", "- ")) and block[-1] not in ".:?!" and "\n" not in block
