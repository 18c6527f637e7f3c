"""R6, R7: letters that no act causes; they go at the hour of notices on a working day."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from complaints.procedure.dates.deadlines import Deadline, Lapse
from complaints.procedure.dates.window_dates import last_day, review_without_reply_at, window_allowance
from complaints.procedure.enums import DeadlineKind, Letter, humanize_code
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Closing, TierPeriod
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.closing import send_closing_letter
from complaints.procedure.steps.rules import EventPriority, ScheduledEvent, automatic_letter_at
from complaints.procedure.steps.tier import promised_dates


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield each letter that is still to go, while what it says is true."""
    for deadline, lapse in _lapses_to_write_about(c):
        if lapse.letter_at:
            summary = f"letter that {deadline_rules.label_of(c, deadline)} is late"
            yield ScheduledEvent(lapse.letter_at, EventPriority.NOTICE, summary, partial(_write_late, c, deadline))
    period = _period_to_write_about(c)
    if period and period.passed_on_letter_at:
        summary = f"letter that it passed to {c.tier_title}"
        write = partial(_write_passed_on, c, period)
        yield ScheduledEvent(period.passed_on_letter_at, EventPriority.NOTICE, summary, write)
    if c.closing and c.closing.letter_at:
        summary = f"letter that it closed: {humanize_code(c.closing.reason)}"
        yield ScheduledEvent(c.closing.letter_at, EventPriority.NOTICE, summary, partial(_write_closed, c, c.closing))


def reschedule(c: ComplaintState, now: datetime) -> None:
    """Set when each letter goes that is still to go, counted from now.

    For a changed calendar or policy (R14), and for a complaint that goes on as it was.
    """
    for deadline, _ in _lapses_to_write_about(c):
        deadline_rules.reschedule_late_letter(c, deadline, now)
    period = _period_to_write_about(c)
    if period and period.passed_on_letter_at:
        reply = c.policy.tier(c.tier_periods[-2].tier).reply
        period.passed_on_letter_at = automatic_letter_at(c, reply.escalate_after_lapse if reply else None, now)
    if c.closing and c.closing.letter_at:
        allowance = window_allowance(c.policy, c.tier_period.tier)
        c.closing.letter_at = automatic_letter_at(c, allowance, now)


def _lapses_to_write_about(c: ComplaintState) -> Iterator[tuple[Deadline, Lapse]]:
    """Yield each reply that is late and still awaited."""
    for deadline in c.deadlines:
        if deadline.is_running and deadline.current_lapse:
            yield deadline, deadline.current_lapse


def _period_to_write_about(c: ComplaintState) -> TierPeriod | None:
    """Return the current tier period, unless the tier has replied or the complaint is closed."""
    is_awaited = c.tier_periods and not c.is_closed and not c.tier_period.replied_at
    return c.tier_period if is_awaited else None


def _write_late(c: ComplaintState, deadline: Deadline, at: datetime) -> None:
    """Apologise for a late reply, and say what the complainant may do now (R6)."""
    assert deadline.current_lapse, "the reply is late"
    deadline.current_lapse.letter_at = None
    following = c.policy.tier_after(deadline.tier)
    without_reply_at = review_without_reply_at(c.policy, c.calendar, deadline)
    c.letter(
        Letter.REPLY_LATE,
        at,
        f"{deadline_rules.label_of(c, deadline)} is late",
        tier=deadline.tier,
        was_due=deadline.due_on,
        passes_on_after=last_day(c.calendar, deadline.escalate_at) if deadline.escalate_at else None,
        reviewer=following.id if following and following.review else None,
        without_reply_from=c.calendar.day_of(without_reply_at) if without_reply_at else None,
    )


def _write_passed_on(c: ComplaintState, period: TierPeriod, at: datetime) -> None:
    """Say which tier did not reply, and which one has the complaint now (R6)."""
    period.passed_on_letter_at = None
    left = c.tier_periods[-2]
    missed = c.latest_deadline(left.tier, DeadlineKind.REPLY)
    assert missed is not None, "a reply was missed"
    c.letter(
        Letter.PASSED_ON,
        at,
        f"{c.policy.title_of(left.tier)} did not reply: passed to {c.tier_title}",
        tier=period.tier,
        left=left.tier,
        was_due=missed.due_on,
        happened_on=c.calendar.day_of(period.started_at),
        replied_on=c.calendar.day_of(left.replied_at) if left.replied_at else None,
        **promised_dates(c),
    )


def _write_closed(c: ComplaintState, closing: Closing, at: datetime) -> None:
    closing.letter_at = None
    send_closing_letter(c, closing.reason, at)
