"""Ledgers for `complaints explain`: why a deadline has its date, how it ended (R2, R12)."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel

from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.allowance import Counting
from complaints.procedure.dates.calendar import CalendarDay
from complaints.procedure.dates.deadlines import Deadline, Lapse, Move
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.views import DeadlineView, deadline_view


class Source(StrEnum):
    """Why a day is skipped, or counted although the region skips it."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    POLICY = "policy"


class DeadlineEnding(StrEnum):
    """How a deadline ended, or its state while it runs."""

    MET = "met"
    MET_LATE = "met_late"
    ENDED = "ended"
    """Unmet: the complaint left the tier, or closed."""
    OVERDUE = "overdue"
    RUNNING = "running"


class LedgerDay(BaseModel):
    """A day with its number in the count."""

    on: date
    skipped: str | None
    """None: counted; otherwise `weekend` or the holiday's name."""
    number: int | None
    """None: the day was skipped."""
    source: Source | None
    """None: an ordinary working day."""


class MoveView(Move):
    """A change of a deadline's date. Only PostgreSQL has the act's reason, `why`."""

    why: str | None = None


class Margin(BaseModel):
    """The time to spare; negative: late by that time."""

    working_days: int | None
    """None for an allowance in hours or seconds."""
    seconds: float


class LedgerView(BaseModel):
    """The ledger of a deadline.

    `days` are counted from `day_0` to the current date. `days_late` are counted from there, from 1 again, to the
    day on which the deadline ended.
    """

    deadline: DeadlineView
    time_zone: str
    """For showing its instants."""
    rule: str
    allowance: str
    counting: Counting
    set_at: datetime
    day_0: date
    days: list[LedgerDay]
    days_late: list[LedgerDay]
    moves: list[MoveView]
    lapses: list[Lapse]
    ending: DeadlineEnding
    to_spare: Margin | None
    """Against the current date; None while the deadline runs."""
    to_spare_at_first: Margin | None
    """Against the first date; None while the deadline runs."""
    policy: str
    calendar: str


def ledgers_of(complaint: Complaint) -> list[LedgerView]:
    """Return the ledger of every deadline, in the order in which they were set."""
    return [_ledger(complaint.state, deadline) for deadline in complaint.state.deadlines]


def _ledger(c: ComplaintState, deadline: Deadline) -> LedgerView:
    ended_at = deadline.met_at or deadline.ended_at
    ended_on = c.calendar.day_of(ended_at) if ended_at else None
    late = deadline.days(c.calendar, deadline.due_on, ended_on) if ended_on else []
    return LedgerView(
        deadline=deadline_view(deadline),
        time_zone=c.policy.time_zone,
        rule=deadline.rule,
        allowance=deadline.allowance,
        counting=deadline.counting,
        set_at=deadline.set_at,
        day_0=deadline.day_0,
        days=_numbered(c.policy, deadline.ledger(c.calendar)),
        days_late=_numbered(c.policy, late),
        moves=[MoveView.model_validate(move.model_dump()) for move in deadline.moves],
        lapses=deadline.lapses,
        ending=_ending(deadline),
        to_spare=_margin(c, deadline, ended_at, deadline.due_on, deadline.at),
        to_spare_at_first=_margin(c, deadline, ended_at, deadline.first_on, deadline.first_at),
        policy=deadline.policy_version or c.policy.name,
        calendar=deadline.calendar_version,
    )


def _numbered(policy: Policy, days: list[CalendarDay]) -> list[LedgerDay]:
    numbered, counted = [], 0
    for day in days:
        counted += day.skipped is None
        number = counted if day.skipped is None else None
        numbered.append(LedgerDay(on=day.on, skipped=day.skipped, number=number, source=_source(policy, day)))
    return numbered


def _source(policy: Policy, day: CalendarDay) -> Source | None:
    own = policy.holidays
    if day.skipped is None:
        return Source.POLICY if day.on in own.strike else None
    if day.skipped == own.add.get(day.on):
        return Source.POLICY
    return Source.WEEKEND if day.is_weekend else Source.HOLIDAY


def _ending(deadline: Deadline) -> DeadlineEnding:
    if deadline.met_at:
        return DeadlineEnding.MET if deadline.met_at < deadline.at else DeadlineEnding.MET_LATE
    if deadline.ended_at:
        return DeadlineEnding.ENDED
    return DeadlineEnding.OVERDUE if deadline.has_passed else DeadlineEnding.RUNNING


def _margin(
    c: ComplaintState, deadline: Deadline, at: datetime | None, due_on: date, due_at: datetime
) -> Margin | None:
    if at is None:
        return None
    seconds = (due_at - at).total_seconds()
    if deadline.at != c.calendar.end_of(deadline.due_on):
        return Margin(working_days=None, seconds=seconds)
    on = c.calendar.day_of(at)
    between = sum(day.skipped is None for day in deadline.days(c.calendar, *sorted((on, due_on))))
    return Margin(working_days=between if on <= due_on else -between, seconds=seconds)
