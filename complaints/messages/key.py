"""The identity of a letter or an alert to one recipient, and the result of its delivery."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel

COMPLAINANT, WEBHOOK = "complainant", "webhook"
"""Recipients, besides `staff:ID`, `lead:TIER` and `role:TIER`."""

_KEY = re.compile(r"([A-Za-z0-9._-]+)\.([1-9]\d{0,8})\.(complainant|webhook|(?:staff|lead|role):[^:\s]+)")


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    HELD = "held"


class MessageKey(BaseModel, frozen=True):
    """The identity of a message, and its id in commands: `C-1003.7.complainant`."""

    reference: str
    sequence: int
    """Of the event that owes the message."""
    to: str
    """`complainant`, `staff:ID`, `lead:TIER`, `role:TIER` or `webhook`."""

    def __str__(self) -> str:
        return f"{self.reference}.{self.sequence}.{self.to}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse what `str` gives. Raises ValueError."""
        match = _KEY.fullmatch(text)
        if match is None:
            raise ValueError("give an id as `complaints letters` shows it, such as C-1003.7.complainant")
        return cls(reference=match[1], sequence=int(match[2]), to=match[3])


class DeliveryResult(BaseModel):
    """The result of an attempt to deliver."""

    status: DeliveryStatus
    at: datetime
    channel: str
    why: str | None = None
    """Why it is held; names no person and no address."""
    notify_complaint: bool
    """Whether the complaint's workflow has to know: held, or sent later or by another channel than owed."""
