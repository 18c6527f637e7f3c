"""R14: the policy and calendar behind a complaint's dates, and notices when they change."""

from datetime import datetime
from typing import NamedTuple

from complaints.procedure.dates.allowance import Allowance, DueInstant
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState


class Basis(NamedTuple):
    """The policy and the calendar by which dates are counted."""

    policy: Policy
    calendar: WorkingCalendar


class RepeatedNotice(NamedTuple):
    """A notice that is repeated at an interval, counted from a day or an instant."""

    every: Allowance
    since: DueInstant


def moved_notice_at(
    c: ComplaintState, old_basis: Basis, old: RepeatedNotice, new: RepeatedNotice, at: datetime, now: datetime
) -> datetime:
    """Return the new instant of the notice that was due `at`.

    The notice keeps its number, so that none is left out or repeated. If its new instant is past, the next one counts.
    """
    number = old.every.notice_number(old_basis.calendar, old.since, old_basis.policy.notices_at, at)
    clock = c.policy.notices_at
    moved = new.every.notice(c.calendar, new.since, clock, number)
    return moved if moved >= now else new.every.notice_after(c.calendar, new.since, clock, now)
