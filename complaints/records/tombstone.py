"""The tombstone of an anonymised or erased complaint, a row of `tombstones`."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class TombstoneKind(StrEnum):
    ANONYMISED = "anonymised"
    ERASED = "erased"
    """Also without letters, and without a trace in Temporal."""


class Tombstone(BaseModel):
    """Who asked for it, when and why. The complaint's events and figures stay on the record."""

    reference: str
    kind: TombstoneKind
    asked_at: datetime
    by: str | None
    """None: the policy's retention."""
    why: str
    done_at: datetime | None
