"""What a step is made of: rules for acts, and happenings, which come by themselves."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState

SKEW = timedelta(minutes=1)
"""How far another system's clock may run ahead of ours and still mean now (R4)."""

Effect = Callable[[], None]
"""What an act does to the state, once its rule has found nothing against it."""


class EventPriority(IntEnum):
    """Of what falls on one instant (R2)."""

    LAPSE = 0
    ESCALATION = 1
    WINDOW_END = 2
    NOTICE = 3


class ScheduledEvent(NamedTuple):
    """Something that happens by itself at `at`. `happen` is told the instant at which it does."""

    at: datetime
    priority: EventPriority
    summary: str
    """For an operator: `Manager: reply due by the end of Wed 9 Dec 2026`."""
    fire: Callable[[datetime], None]


def not_in_future(given: datetime, now: datetime, field: str) -> datetime:
    """The instant given, or now where it lies ahead by no more than the skew. Raises RefusedError (`in_future`)."""
    if given > now + SKEW:
        raise RefusedError(
            Code.IN_FUTURE, f"{field} ({given:%Y-%m-%d %H:%M:%S}Z) lies in the future; it is {now:%Y-%m-%d %H:%M:%S}Z."
        )
    return min(given, now)


def not_past(c: ComplaintState, on: date | None, now: datetime, field: str) -> None:
    today = c.calendar.day_of(now)
    if on is not None and on < today:
        raise RefusedError(Code.IN_PAST, f"{field} ({on}) has passed; give {format_date(today)} or later.")
