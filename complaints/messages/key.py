"""A letter or an alert on its way to one recipient: which it is, and what became of it."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel

COMPLAINANT, WEBHOOK = "complainant", "webhook"
"""Recipients, besides `staff:ID` and `lead:TIER`."""


_KEY = re.compile(r"([A-Za-z0-9._-]+)\.([1-9]\d{0,8})\.(complainant|webhook|(?:staff|lead):[^:\s]+)")


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"


class MessageKey(BaseModel, frozen=True):
    """Which one it is: the same key, the same message."""

    reference: str
    sequence: int
    """Of the event by which it is owed."""
    to: str
    """complainant, staff:ID, lead:TIER or webhook."""

    def __str__(self) -> str:
        return f"{self.reference}.{self.sequence}.{self.to}"

    @classmethod
    def read(cls, written: str) -> Self:
        """From what `str` makes of it. Raises ValueError."""
        found = _KEY.fullmatch(written)
        if found is None:
            raise ValueError("give an id as `complaints letters` shows it, such as C-1003.7.complainant")
        return cls(reference=found[1], sequence=int(found[2]), to=found[3])


class DeliveryResult(BaseModel):
    """How an attempt ended."""

    status: DeliveryStatus
    at: datetime
    channel: str
    why: str | None = None
    """Why it is held; names no person and no address."""
    notify_complaint: bool
    """Whether the complaint is to be told: a letter is held, or went later or by another channel than owed."""
