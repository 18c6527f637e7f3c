"""What a complaint's state is made of: its times at the tiers, its window, its case, and what was promised."""

from datetime import date, datetime

from pydantic import BaseModel

from complaints.procedure.enums import Channel, ClosingReason, RemedyKind


class TierPeriod(BaseModel):
    """A complaint's time at one tier."""

    tier: str
    started_at: datetime
    """When the tier's clocks start (R3)."""
    keyed_at: datetime
    """When the product learned of it; a lapse's days count no earlier (R6)."""
    left_at: datetime | None = None
    holder: str | None = None
    involved: list[str] = []
    """Who held it or acted here: none of them acts at a later tier (R11)."""
    is_holder_sought: bool = False
    """The staff directory has been asked who is to hold it."""
    acknowledged_at: datetime | None = None
    replied_at: datetime | None = None
    """When the reply was sent; for the Independent Assessor, her opinion."""
    accepted_at: datetime | None = None
    """When a review was accepted (R8)."""
    notice_at: datetime | None = None
    """The next time that somebody is told that the tier still waits, where it has no deadline (R8, R10)."""


class Window(BaseModel):
    """How long the complainant may go on to the next tier (R7, R8, R10)."""

    opened_at: datetime
    received_on: date
    """The day on which the letter counts as received."""
    month_ends_at: datetime
    ends_at: datetime | None
    """None: not while the case is open, or the letter is held."""
    letter: int | None = None
    """The letter that opened it, by the number of its event; None: it had gone before."""
    sent_at: datetime | None = None
    """When that letter went; None: not known, and its receipt stays as it was reckoned."""
    channel: Channel | None = None


class CaseState(BaseModel):
    """What is known of the case: the statement with the latest `on` decides (R7)."""

    open: bool
    since: datetime | None = None
    """When it closed or was opened again; None: before the complaint came, as its form says."""
    last_statement_on: datetime | None = None
    """The latest `on` of any statement."""
    recorded_at: datetime


class Undertaking(BaseModel):
    """A remedy, or an accepted recommendation, to be carried out by a date (R8)."""

    number: int
    what: str
    kind: RemedyKind
    pence: int | None = None
    recommendation: int | None = None
    tiers: list[str]
    """Whose leads answer for it."""
    owner: str
    day_0: date | None = None
    """From which its date was counted; None: somebody named the date."""
    by: date
    by_at: datetime
    lapsed_at: datetime | None = None
    chase_at: datetime | None = None
    carried_out_at: datetime | None = None

    @property
    def is_overdue(self) -> bool:
        return self.lapsed_at is not None and self.carried_out_at is None


class Recommendation(BaseModel):
    """What the Independent Assessor recommends, and the service's answer."""

    number: int
    what: str
    kind: RemedyKind
    pence: int | None = None
    accepted: bool | None = None
    answered_by: str | None = None
    undertaking: int | None = None

    def __str__(self) -> str:
        return self.what


class Closing(BaseModel):
    """When and why a complaint closed."""

    at: datetime
    reason: ClosingReason
