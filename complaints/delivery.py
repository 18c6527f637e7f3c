"""A letter or an alert on its way to one recipient: which it is, and what became of it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

COMPLAINANT, WEBHOOK = "complainant", "webhook"
"""Recipients, besides `staff:ID` and `lead:TIER`."""


class Fate(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"


class Key(BaseModel, frozen=True):
    """Which one it is: the same key, the same message."""

    reference: str
    sequence: int
    """Of the event by which it is owed."""
    to: str
    """complainant, staff:ID, lead:TIER or webhook."""

    def __str__(self) -> str:
        return f"{self.reference}.{self.sequence}.{self.to}"


class Outcome(BaseModel):
    """How an attempt ended."""

    fate: Fate
    at: datetime
    channel: str
    why: str | None = None
    """Why it is held; names no person and no address."""
    is_news: bool
    """Whether the complaint is to be told: a letter is held, or has gone on a later day than it was owed."""
