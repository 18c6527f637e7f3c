"""What is left of a complaint whose people are gone from the record."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class TombstoneKind(StrEnum):
    ANONYMISED = "anonymised"
    ERASED = "erased"
    """Also every letter, and all that Temporal had of it."""


class Tombstone(BaseModel):
    """Who asked, when and why. The complaint's events and figures stay beside it."""

    reference: str
    kind: TombstoneKind
    asked_at: datetime
    by: str | None
    """None: the yearly run of the policy's retention."""
    why: str
    done_at: datetime | None
