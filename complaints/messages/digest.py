"""A tier's daily digest for its leads, as data."""

from datetime import date, datetime

from pydantic import BaseModel

from complaints.staff.members import Member


class DigestRequest(BaseModel):
    """A tier with the days and instants of one digest."""

    tier: str
    """The tier whose leads get it."""
    steps: tuple[str, ...]
    """The tiers that it is about: with the first one, the case handler's step, too (R10)."""
    day: date
    tomorrow: date
    """The next working day."""
    since: datetime
    """The morning of the digest before."""
    until: datetime


class NewItem(BaseModel):
    """A complaint that has come to the tier since the last digest."""

    reference: str
    holder: str | None


class UnheldItem(BaseModel):
    """A complaint on which staff of the tier are to act, and that nobody holds."""

    reference: str
    due_on: date | None
    """The day of its first running deadline."""


class DueItem(BaseModel):
    """A deadline or an undertaking that ends today, or by the end of the next working day."""

    reference: str
    holder: str | None
    what: str
    """`reply`, or `undertaking 2`."""
    due_on: date


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
    new: list[NewItem]
    unheld: list[UnheldItem]
    due: list[DueItem]
    due_tomorrow: list[DueItem]
    overdue: list[OverdueItem]
    held: list[HeldMessage]

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.unheld or self.due or self.due_tomorrow or self.overdue or self.held)
