"""A tier's daily digest for its leads, as data."""

from datetime import date

from pydantic import BaseModel

from complaints.procedure.dates.deadlines import deadline_label
from complaints.procedure.enums import DeadlineKind
from complaints.staff.members import Member


class DueItem(BaseModel):
    """A deadline that ends today."""

    reference: str
    holder: str | None
    kind: DeadlineKind
    recommendation: int | None

    @property
    def label(self) -> str:
        return deadline_label(self.kind, self.recommendation)


class OverdueItem(BaseModel):
    """A deadline or an undertaking of a complaint at the tier that is past its date."""

    reference: str
    holder: str | None
    what: str
    """`reply`, or `undertaking 2`."""
    due_on: date


class HeldMessage(BaseModel):
    """A letter or an alert that cannot be sent until somebody corrects the reason."""

    reference: str
    sequence: int
    to: str
    why: str


class Digest(BaseModel):
    """The digest of one tier for one day. Rows are in the order of their references."""

    tier: str
    day: date
    leads: list[Member]
    """Its recipients, from the staff directory."""
    due: list[DueItem]
    overdue: list[OverdueItem]
    held: list[HeldMessage]

    @property
    def is_empty(self) -> bool:
        return not (self.due or self.overdue or self.held)
