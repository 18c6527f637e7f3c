"""R7, R8, R10: the window in which the complainant may go on to the next tier."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.window_dates import last_day, letter_receipt, window_allowance, window_end
from complaints.procedure.enums import Channel, ClosingReason, Code, EventKind, Letter, Status
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Window, WindowLetter
from complaints.procedure.steps.closing import close
from complaints.procedure.steps.rules import EventPriority, ScheduledEvent, automatic_letter_at

NEVER_TAKEN = (ClosingReason.SIGNPOSTED, ClosingReason.OUT_OF_TIME, ClosingReason.OPENED_IN_ERROR)


def open_window(
    c: ComplaintState, sent_at: datetime, channel: Channel | None, now: datetime, letter: int | None
) -> None:
    """Open the window after the complainant has been answered.

    `letter`: the number of the product's own letter, which counts as sent at once until it is held or late.
    """
    c.status = Status.AWAITING_COMPLAINANT
    channel = channel or c.form.complainant.prefers
    received = letter_receipt(c.policy, c.calendar, sent_at, channel)
    c.window = Window(
        opened_at=now,
        received_on=received.on,
        month_ends_at=window_allowance(c.policy, c.tier_period.tier).due(c.calendar, received).at,
        ends_at=None,
        letters=[WindowLetter(letter=letter, sent_at=sent_at, channel=channel)],
    )
    _note_opened(c, c.window, now)


def open_window_out_of_time(c: ComplaintState, last_day: date, now: datetime) -> None:
    """Open the window of a complaint that was out of time, after its case was opened again (R7)."""
    c.window = Window(opened_at=now, received_on=last_day, month_ends_at=c.calendar.end_of(last_day), ends_at=None)
    _note_opened(c, c.window, now)


def _note_opened(c: ComplaintState, window: Window, now: datetime) -> None:
    window.ends_at = _ends_at(c, window)
    c.note(EventKind.WINDOW_OPENED, now, None, describe(c, window), {"ends_at": window.ends_at})


def next_tier_detail(c: ComplaintState) -> dict[str, Any]:
    """Return variables for a letter: the next tier, and the state of the case."""
    assert c.next_tier, "there is a tier to go on to"
    closed_at = None if c.case.open else c.case.since
    return {"tier": c.next_tier.id, "case_open": c.case.open, "case_closed_at": closed_at}


def move_window(c: ComplaintState, now: datetime) -> None:
    """Move the end of the window after a statement about the case, or about its letter (R7).

    The window of a closed complaint moves, too: it decides which escalations were received in time.
    One that has ended revives.
    """
    ends_at = _ends_at(c, c.window) if c.window else None
    if c.window and c.window.ends_at != ends_at:
        c.window.ends_at = ends_at
        c.note(EventKind.WINDOW_MOVED, now, None, describe(c, c.window), {"ends_at": c.window.ends_at})


def suspend_window(c: ComplaintState, letter: int, now: datetime) -> None:
    """Suspend the window while its letter is held; one that has ended revives (R7)."""
    if c.window and c.window.has(letter):
        move_window(c, now)


def restart_window(c: ComplaintState, letter: int, sent_at: datetime, channel: Channel | None, now: datetime) -> None:
    """Count the window from the receipt of a late letter; it ends no earlier than before (R7)."""
    if c.window and c.window.has(letter):
        _count_from(c, c.window, sent_at, channel, letter)
        move_window(c, now)


def correct_window(
    c: ComplaintState, sent_at: datetime, channel: Channel | None, now: datetime, letter: int | None
) -> None:
    """Count the window from the receipt of a correction, too; it never ends earlier (R4)."""
    if c.window:
        _count_from(c, c.window, sent_at, channel, letter)
        move_window(c, now)


def _count_from(
    c: ComplaintState, window: Window, sent_at: datetime, channel: Channel | None, letter: int | None
) -> None:
    """Count from a letter that went, or went again, at `sent_at`."""
    window.letters = [each for each in window.letters if letter is None or each.letter != letter]
    window.letters.append(WindowLetter(letter=letter, sent_at=sent_at, channel=channel or c.form.complainant.prefers))
    _postpone_receipt(c, window)


def recalculate_window(c: ComplaintState, now: datetime) -> None:
    """Recalculate receipt and end, by a changed calendar or policy; both only move later (R14).

    A window that has ended moves, too, so that an escalation received by its later end is accepted.
    """
    window = c.window
    if window is None:
        return
    _postpone_receipt(c, window)
    ends_at = _ends_at(c, window)
    if window.ends_at and ends_at and ends_at < window.ends_at:
        window.month_ends_at = window.ends_at
    move_window(c, now)


def _postpone_receipt(c: ComplaintState, window: Window) -> None:
    """Recalculate the latest receipt of its letters; an earlier one changes nothing."""
    for letter in window.letters:
        received = letter_receipt(c.policy, c.calendar, letter.sent_at, letter.channel)
        month_ends_at = window_allowance(c.policy, c.tier_period.tier).due(c.calendar, received).at
        if month_ends_at > window.month_ends_at:
            window.received_on, window.month_ends_at = received.on, month_ends_at


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the end of the window, which closes the complaint."""
    if c.window and c.window.ends_at and c.status is Status.AWAITING_COMPLAINANT:
        yield ScheduledEvent(c.window.ends_at, EventPriority.WINDOW_END, describe(c, c.window), partial(_end_window, c))


def is_held(c: ComplaintState, window: Window) -> bool:
    """Return whether a letter that the window waits for is held."""
    return any(each.letter in c.held for each in window.letters)


def describe(c: ComplaintState, window: Window) -> str:
    """Describe the window: `complainant may go on to Manager until the end of Wed 9 Dec 2026`."""
    to = f"complainant may go on to {c.next_tier.title}" if c.next_tier else "complainant may go on"
    if is_held(c, window):
        return f"{to} once the letter has gone"
    if window.ends_at is None:
        return f"{to} while the case is open"
    return f"{to} until the end of {format_date(last_day(c.calendar, window.ends_at))}"


def _ends_at(c: ComplaintState, window: Window) -> datetime | None:
    """Return the end, which is not before the product learned of the closing (R7)."""
    if c.case.open or is_held(c, window):
        return None
    return min(
        max(window_end(c.policy, c.calendar, c.tier_id, window.month_ends_at, closing.on), closing.learned_at)
        for closing in c.case.closings
    )


def _end_window(c: ComplaintState, at: datetime) -> None:
    assert c.window is not None, "a window that ends was open"
    c.note(EventKind.WINDOW_ENDED, at, None, "the complainant did not go on in time", {"ends_at": c.window.ends_at})
    reason = ClosingReason.SETTLED if c.is_with_case_handler_step else ClosingReason.NOT_TAKEN_FURTHER
    close(c, reason, at, letter_at=automatic_letter_at(c, window_allowance(c.policy, c.tier_period.tier), at))


def refuse_closed_before(c: ComplaintState, received_at: datetime) -> None:
    """Refuse an escalation received after a closing that left no window. Raises RefusedError.

    One received before the complaint closed, and keyed later, is accepted (R7).
    """
    if c.closing is None or (c.window and c.closing.reason is not ClosingReason.OPENED_IN_ERROR):
        return
    if c.closing.reason in NEVER_TAKEN or received_at >= c.closing.at:
        c.refuse_if_closed()


def refuse_after_window(c: ComplaintState, received_at: datetime, target: Tier) -> None:
    """Refuse an escalation received after the window, with its last day. Raises RefusedError.

    An escalation received within it is accepted, whenever it is keyed (R7).
    """
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
