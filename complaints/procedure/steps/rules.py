"""Types shared by the steps: rules for acts, and scheduled events."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date, format_instant
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState

SKEW = timedelta(minutes=1)
"""How far another system's clock may run ahead of ours and still count as now (R4)."""

ASSIGNMENT_TIMEOUT = timedelta(minutes=5)
"""How long the lapse of a complaint keyed late waits for its holder, who is then alerted to it (R6)."""

Effect = Callable[[], None]
"""Changes the state by an act that its rule has accepted."""


class EventPriority(IntEnum):
    """The order of scheduled events that fall on one instant (R2)."""

    LAPSE = 0
    ESCALATION = 1
    WINDOW_END = 2
    NOTICE = 3


class ScheduledEvent(NamedTuple):
    """A change that is due at an instant, without an act."""

    at: datetime
    priority: EventPriority
    summary: str
    """For an operator: `Manager: reply due by the end of Wed 9 Dec 2026`."""
    fire: Callable[[datetime], None]
    """Apply the change, at the instant given: `at`, or later where it was already due when it was scheduled."""


def lapses_at(c: ComplaintState, deadline: Deadline) -> datetime:
    """Return when a deadline lapses: one already past when it is set, once the holder is known."""
    if c.awaits_assignment and deadline.at <= deadline.set_at:
        return deadline.set_at + ASSIGNMENT_TIMEOUT
    return deadline.at


def automatic_letter_at(c: ComplaintState, allowance: Allowance | None, at: datetime) -> datetime:
    """Return the first hour of notices on a working day, at or after an automatic event (R6).

    The letter about the event goes then. `allowance`: the time that led to the event; after seconds, for tries by
    hand, the letter goes at once.
    """
    if allowance and allowance.seconds is not None:
        return at
    day = c.calendar.working_day_from(c.calendar.day_of(at))
    hour = c.calendar.at(day, c.policy.notices_at)
    return hour if hour >= at else c.calendar.at(c.calendar.working_day_after(day, 1), c.policy.notices_at)


def check_not_in_future(c: ComplaintState, instant: datetime, now: datetime, field: str) -> datetime:
    """Return the instant, or now if it lies ahead by no more than SKEW.

    Raises RefusedError (`in_future`).
    """
    if instant > now + SKEW:
        local = zone(c.policy.time_zone)
        given, present = format_instant(instant, local), format_instant(now, local)
        raise RefusedError(Code.IN_FUTURE, f"{field}: {given} lies in the future; it is now {present}.")
    return min(instant, now)


def check_not_past(c: ComplaintState, on: date | None, at: datetime, field: str) -> None:
    """Check that the day, if there is one, is that of `at` or later.

    Raises RefusedError (`in_past`).
    `at`: when the letter with the day was sent; now, if the product sends it (R8).
    """
    today = c.calendar.day_of(at)
    if on is not None and on < today:
        raise RefusedError(
            Code.IN_PAST,
            f"{field}: {format_date(on)} has passed; give {format_date(today)} or later.",
        )


def note_of_free_day(c: ComplaintState, on: date | None) -> str:
    """Say that a day is no working day: `; Sat 6 Mar 2027 is no working day (weekend)`.

    Else say nothing.
    Raises BeyondCalendarError.
    """
    why = c.calendar.why_skipped(on) if on else None
    return f"; {format_date(on)} is no working day ({why})" if on and why else ""


def valid_numbers(count: int) -> str:
    """Name the numbers from 1 to `count`, for a refusal: `1`, or `1 to 3`."""
    return "1" if count == 1 else f"1 to {count}"


def numbers_to_give(numbers: Sequence[int], otherwise: str) -> str:
    """Name the numbers that an act may give, for a refusal; `otherwise`: why there are none."""
    return f"give {' or '.join(map(str, numbers))}" if numbers else otherwise
