"""Parts of a complaint's state: tier periods, window, case, undertakings, recommendations."""

from datetime import date, datetime

from pydantic import BaseModel

from complaints.procedure.enums import Channel, ClosingReason, RemedyKind


class TierPeriod(BaseModel):
    """A complaint's time at one tier."""

    tier: str
    started_at: datetime
    """When the tier's clocks start (R3)."""
    keyed_at: datetime
    """When it was keyed; the days after a lapse count from here at the earliest (R6)."""
    left_at: datetime | None = None
    holder: str | None = None
    involved: list[str] = []
    """Staff who held it or acted here; none of them may act at a later tier (R11)."""
    is_holder_sought: bool = False
    """Whether the staff directory has been queried for a holder."""
    acknowledged_at: datetime | None = None
    replied_at: datetime | None = None
    """When the reply was sent; for the Independent Assessor, her opinion."""
    accepted_at: datetime | None = None
    """When a review was accepted (R8)."""
    notice_at: datetime | None = None
    """The next alert or reminder that the tier still waits, where it has no deadline (R8, R10)."""


class Window(BaseModel):
    """The time in which the complainant may go on to the next tier (R7, R8, R10)."""

    opened_at: datetime
    received_on: date
    """The deemed day of receipt of the letter."""
    month_ends_at: datetime
    ends_at: datetime | None
    """None: it cannot end while the case is open or the letter is held."""
    letter: int | None = None
    """The sequence of the event of the letter that opened it; None: the letter had already gone."""
    sent_at: datetime | None = None
    """When that letter went; None: not known, and `received_on` does not change."""
    channel: Channel | None = None


class CaseState(BaseModel):
    """Whether the case is open. The statement with the latest `on` decides (R7)."""

    open: bool
    since: datetime | None = None
    """When it closed or was opened again; None: before the complaint was opened, as its form says."""
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
    """The tiers whose leads answer for it."""
    owner: str
    day_0: date | None = None
    """Day 0 of its date; None: the date was given."""
    by: date
    by_at: datetime
    lapsed_at: datetime | None = None
    chase_at: datetime | None = None
    carried_out_at: datetime | None = None

    @property
    def is_overdue(self) -> bool:
        return self.lapsed_at is not None and self.carried_out_at is None


class Recommendation(BaseModel):
    """A recommendation of the Independent Assessor, and the service's answer (R8)."""

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
    """When and why a complaint closed (R13)."""

    at: datetime
    reason: ClosingReason
