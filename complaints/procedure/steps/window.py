"""The window in which the complainant may go on to the next tier (R7, R8, R10), and the case that moves it."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from complaints.procedure.dates.allowance import DueInstant
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.window_dates import last_day, letter_receipt, window_allowance, window_end
from complaints.procedure.enums import Channel, ClosingReason, Code, EventKind, Letter, Status
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Window
from complaints.procedure.steps.closing import close
from complaints.procedure.steps.rules import EventPriority, ScheduledEvent


def open_window(
    c: ComplaintState, sent_at: datetime, channel: Channel | None, now: datetime, letter: int | None
) -> None:
    """The complainant has been answered, and may go on until the window ends.

    A `letter` of the product's own counts as sent at once, unless it is told that it was held or late.
    """
    c.status = Status.AWAITING_COMPLAINANT
    channel = channel or c.form.complainant.prefers
    received = letter_receipt(c.policy, c.calendar, sent_at, channel)
    c.window = Window(
        opened_at=now,
        received_on=received.on,
        month_ends_at=window_allowance(c.policy, c.tier_period.tier).due(c.calendar, received).at,
        ends_at=None,
        letter=letter,
        sent_at=sent_at,
        channel=channel,
    )
    c.window.ends_at = _end(c, c.window)
    c.note(EventKind.WINDOW_OPENED, now, None, describe(c, c.window), {"ends_at": c.window.ends_at})


def going_on(c: ComplaintState) -> dict[str, Any]:
    """For a letter: to which tier the complainant may go on, and what besides its receipt decides until when."""
    assert c.next_tier, "there is a tier to go on to"
    closed_at = None if c.case.open else c.case.since
    return {"tier": c.next_tier.id, "case_open": c.case.open, "case_closed_at": closed_at}


def move_window(c: ComplaintState, now: datetime) -> None:
    """The case closed or was opened again: the window, while it runs, ends at the later of the two (R7).

    Also after a withdrawal, so that an escalation received in time is told from a later one.
    """
    if c.window and (c.window.ends_at is None or now < c.window.ends_at):
        c.window.ends_at = _end(c, c.window)
        c.note(EventKind.WINDOW_MOVED, now, None, describe(c, c.window), {"ends_at": c.window.ends_at})


def letter_held(c: ComplaintState, letter: int, now: datetime) -> None:
    """A window does not run while its letter is unsent (R7)."""
    if c.window and c.window.letter == letter:
        move_window(c, now)


def letter_sent(c: ComplaintState, letter: int, sent_at: datetime, channel: Channel | None, now: datetime) -> None:
    """The month runs from the receipt of what went late; it ends no earlier than it did (R7)."""
    window = c.window
    if window and window.letter == letter:
        window.sent_at, window.channel = sent_at, channel or c.form.complainant.prefers
        _receive_later(c, window)
        move_window(c, now)


def recount(c: ComplaintState, now: datetime) -> None:
    """By a calendar or a policy that has changed: receipt and end only ever move later (R14).

    Also where the window has ended, so that an escalation received by its later end is taken.
    """
    window = c.window
    if window is None:
        return
    _receive_later(c, window)
    ends_at = _end(c, window)
    if window.ends_at and ends_at and ends_at > window.ends_at:
        window.ends_at = ends_at
        c.note(EventKind.WINDOW_MOVED, now, None, describe(c, window), {"ends_at": ends_at})


def _receive_later(c: ComplaintState, window: Window) -> None:
    """Reckon the letter's receipt again; an earlier one changes nothing."""
    received = DueInstant(window.received_on, window.opened_at)
    if window.sent_at and window.channel:
        received = letter_receipt(c.policy, c.calendar, window.sent_at, window.channel)
    month_ends_at = window_allowance(c.policy, c.tier_period.tier).due(c.calendar, received).at
    if month_ends_at > window.month_ends_at:
        window.received_on, window.month_ends_at = received.on, month_ends_at


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    if c.window and c.window.ends_at and c.status is Status.AWAITING_COMPLAINANT:
        yield ScheduledEvent(c.window.ends_at, EventPriority.WINDOW_END, describe(c, c.window), partial(_end_window, c))


def describe(c: ComplaintState, window: Window) -> str:
    to = f"complainant may go on to {c.next_tier.title}" if c.next_tier else "complainant may go on"
    if window.letter in c.held:
        return f"{to} once the letter has gone"
    if window.ends_at is None:
        return f"{to} while the case is open"
    return f"{to} until the end of {format_date(last_day(c.calendar, window.ends_at))}"


def _end(c: ComplaintState, window: Window) -> datetime | None:
    if c.case.open or window.letter in c.held:
        return None
    ends_at = window_end(c.policy, c.calendar, c.tier_period.tier, window.month_ends_at, c.case.since)
    return max(ends_at, c.case.recorded_at)


def _end_window(c: ComplaintState, at: datetime) -> None:
    assert c.window is not None, "a window that ends was open"
    c.note(EventKind.WINDOW_ENDED, at, None, "the complainant did not go on in time", {"ends_at": c.window.ends_at})
    settled = c.is_with_case_handler_step
    close(c, ClosingReason.SETTLED if settled else ClosingReason.NOT_TAKEN_FURTHER, at)


def refuse_after_window(c: ComplaintState, received_at: datetime, target: Tier) -> None:
    """What was received within the window is taken, whenever keyed; later ones are refused with its last day (R7)."""
    if c.window and c.window.ends_at and received_at >= c.window.ends_at:
        raise RefusedError(
            Code.WINDOW_ENDED,
            f"The time to go on to {target.title} ended on {format_date(last_day(c.calendar, c.window.ends_at))}; "
            "its lead may take it nevertheless, with a reason (accept_late).",
            Consequence(
                letter=Letter.ESCALATION_OUT_OF_TIME,
                letter_detail={
                    "tier": target.id,
                    "received_on": c.calendar.day_of(received_at),
                    "last_day": last_day(c.calendar, c.window.ends_at),
                },
            ),
        )
