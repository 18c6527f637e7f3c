"""What a complaint's dates are counted by, and what becomes of repeated notices when that changes (R14)."""

from datetime import datetime
from typing import NamedTuple

from complaints.procedure.dates.allowance import Allowance, DueInstant
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState


class Basis(NamedTuple):
    policy: Policy
    calendar: WorkingCalendar


class Repeated(NamedTuple):
    """Notices every so often, from a day or an instant."""

    every: Allowance
    since: DueInstant


def same_notice(c: ComplaintState, was: Basis, old: Repeated, new: Repeated, at: datetime, now: datetime) -> datetime:
    """When the notice that was to come `at` then is to come now: by its number, so that none is left out or repeated.

    The next one that is not past, if its instant has gone by.
    """
    number = old.every.notice_number(was.calendar, old.since, was.policy.notices_at, at)
    clock = c.policy.notices_at
    moved = new.every.notice(c.calendar, new.since, clock, number)
    return moved if moved >= now else new.every.notice_after(c.calendar, new.since, clock, now)
