"""R3, R4, R6: deadlines are set, moved, met and ended; lapses, reminders and chasers."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from complaints.procedure.dates.allowance import Allowance, DueInstant, moment
from complaints.procedure.dates.calendar import TICK, zone
from complaints.procedure.dates.date_format import format_date, format_due
from complaints.procedure.dates.deadlines import Deadline, Lapse, Move
from complaints.procedure.enums import Alert, DeadlineKind, EventKind
from complaints.procedure.policy import ReplyTerms
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps.rules import EventPriority, ScheduledEvent, automatic_letter_at, lapses_at

LAPSE_ALERTS = {
    DeadlineKind.ACKNOWLEDGEMENT: Alert.ACKNOWLEDGEMENT_LAPSED,
    DeadlineKind.REPLY: Alert.REPLY_LAPSED,
    DeadlineKind.OPINION: Alert.OPINION_LAPSED,
    DeadlineKind.RECOMMENDATION_ANSWER: Alert.RECOMMENDATION_ANSWER_LAPSED,
}


def set_deadline(
    c: ComplaintState,
    kind: DeadlineKind,
    rule: str,
    allowance: Allowance,
    start: DueInstant,
    now: datetime,
    recommendation: int | None = None,
) -> Deadline:
    """Set a deadline of the current tier. One that is already past lapses at once (R3).

    `rule`: the rule that sets it, such as R4. `recommendation`: the number of the recommendation to be answered (R8).
    """
    due = allowance.due(c.calendar, start)
    deadline = Deadline(
        number=len(c.deadlines) + 1,
        tier=c.tier_period.tier,
        kind=kind,
        recommendation=recommendation,
        rule=rule,
        allowance=str(allowance),
        day_0=start.on,
        set_at=now,
        first_on=due.on,
        first_at=due.at,
        due_on=due.on,
        at=due.at,
        calendar_version=c.calendar.version,
        policy_version=c.policy.name,
    )
    deadline.count_by(allowance, start)
    c.deadlines.append(deadline)
    c.note(EventKind.DEADLINE_SET, now, None, describe(c, deadline), explanation(c, deadline))
    set_reminder(c, deadline, now)
    return deadline


def move_deadline(
    c: ComplaintState,
    deadline: Deadline,
    to: DueInstant,
    rule: str,
    by: str | None,
    now: datetime,
    *,
    first: DueInstant | None = None,
    event: int | None = None,
    sent_at: datetime | None = None,
) -> None:
    """Give a deadline another date, and restart its notices.

    `rule`: the rule that moves it, such as R5. `first`: the new first date, if that moves, too.
    `event`: the number of the event whose free text explains the move. `sent_at`: when an extension counts.
    """
    first = first or deadline.first
    was, first_was = deadline.due_on, deadline.first_on
    deadline.moves.append(
        Move(
            moved_at=now,
            by=by,
            from_on=was,
            to_on=to.on,
            rule=rule,
            first_from=first_was,
            first_to=first.on,
            event=event,
            sent_at=sent_at,
        )
    )
    deadline.first_on, deadline.first_at = first
    deadline.due_on, deadline.at = to
    deadline.cancel_notices()
    c.note(
        EventKind.DEADLINE_MOVED,
        now,
        by,
        f"{describe(c, deadline)}, was {format_date(was)}",
        {
            **explanation(c, deadline),
            "moved_by": rule,
            "from_on": was,
            "first_from": first_was,
            "first_on": deadline.first_on,
        },
    )
    if deadline.is_running:
        set_reminder(c, deadline, now)


def end_deadlines(c: ComplaintState, now: datetime) -> None:
    """End all running deadlines as unmet, and stop their reminders and chasers (R6)."""
    for deadline in c.deadlines:
        if deadline.is_running:
            deadline.ended_at = now
            note_ended(c, deadline, now)


def note_ended(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Record that a deadline has ended as unmet, and stop its notices."""
    deadline.cancel_notices()
    what = f"{label_of(c, deadline)} no longer awaited"
    c.note(EventKind.DEADLINE_ENDED, now, None, what, {"deadline": deadline.number})


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the lapse, the reminder and the chaser of each running deadline (R6)."""
    for deadline in c.deadlines:
        if not deadline.is_running:
            continue
        if not deadline.has_passed:
            at = lapses_at(c, deadline)
            yield ScheduledEvent(at, EventPriority.LAPSE, describe(c, deadline), partial(lapse, c, deadline))
        title = title_of(c, deadline)
        if deadline.remind_at:
            summary = f"{title}: reminder that the {deadline.label} is due {format_date(deadline.due_on)}"
            yield ScheduledEvent(deadline.remind_at, EventPriority.NOTICE, summary, partial(_remind, c, deadline))
        if deadline.chase_at:
            summary = f"{title}: chaser for the {deadline.label}"
            yield ScheduledEvent(deadline.chase_at, EventPriority.NOTICE, summary, partial(_chase, c, deadline))


def describe(c: ComplaintState, deadline: Deadline) -> str:
    """Describe a deadline with its date: `Manager: reply due by the end of Wed 9 Dec 2026`."""
    due = "is due" if deadline.recommendation else "due"
    return f"{label_of(c, deadline)} {due} by {_last_moment(c, deadline)}"


def describe_next(c: ComplaintState) -> str | None:
    """Describe the first running deadline: `reply due by the end of Wed 9 Dec 2026`."""
    running = [deadline for deadline in c.deadlines if deadline.is_running]
    if not running:
        return None
    deadline = min(running, key=lambda each: each.at)
    return f"{deadline.label} due by {_last_moment(c, deadline)}"


def _last_moment(c: ComplaintState, deadline: Deadline) -> str:
    if deadline.at == c.calendar.end_of(deadline.due_on):
        return f"the end of {format_date(deadline.due_on)}"
    return format_due(deadline.due_on, deadline.at, zone(c.policy.time_zone))


def title_of(c: ComplaintState, deadline: Deadline) -> str:
    """Name who is to meet the deadline: its tier, or the service (R8)."""
    return "Service" if deadline.recommendation else c.policy.title_of(deadline.tier)


def label_of(c: ComplaintState, deadline: Deadline) -> str:
    """Name a deadline: `Manager: reply`, `Service's answer to recommendation 1`."""
    if deadline.recommendation:
        return f"{title_of(c, deadline)}'s {deadline.label}"
    return f"{title_of(c, deadline)}: {deadline.label}"


def tier_period_of(c: ComplaintState, deadline: Deadline) -> TierPeriod:
    """Return the latest tier period at the deadline's tier."""
    return next(period for period in reversed(c.tier_periods) if period.tier == deadline.tier)


def alert_recipients(c: ComplaintState, deadline: Deadline) -> list[str]:
    """List who is alerted to a lapse: the holder and the tier's lead (R6).

    For the answer to a recommendation: the leads of all tiers that reply (R8).
    """
    if deadline.kind is DeadlineKind.RECOMMENDATION_ANSWER:
        return c.leads(*(tier.id for tier in c.policy.tiers if tier.reply))
    return c.holder_and_lead(tier_period_of(c, deadline))


def explanation(c: ComplaintState, deadline: Deadline) -> dict[str, object]:
    """Explain the deadline's date: the days counted and skipped, and the versions used (R12)."""
    skipped = [{"on": day.on, "why": day.skipped} for day in deadline.ledger(c.calendar) if day.skipped]
    return {
        "deadline": deadline.number,
        "tier": deadline.tier,
        "kind": deadline.kind,
        "rule": deadline.rule,
        "allowance": deadline.allowance,
        "day_0": deadline.day_0,
        "due_on": deadline.due_on,
        "deadline_at": deadline.at,
        "skipped": skipped,
        "policy": c.policy.name,
        "calendar": c.calendar.version,
    }


def set_reminder(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Set the reminder at the policy's `reminder_before` the deadline, unless past (R6)."""
    at = c.policy.reminder_before.notice_before(c.calendar, deadline.due, c.policy.notices_at)
    deadline.remind_at = at if at >= now else None


def resume_notices(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Set the notices of a deadline that runs on.

    One that would have come meanwhile is left out.
    """
    set_reminder(c, deadline, now + TICK)
    reply = c.policy.tier(deadline.tier).reply
    if deadline.has_passed and deadline.kind is DeadlineKind.REPLY and reply:
        clock = c.policy.notices_at
        deadline.chase_at = reply.chase_every.notice_after(c.calendar, deadline.due, clock, now + TICK)
        deadline.escalate_at = escalates_at(c, deadline, reply)
        reschedule_late_letter(c, deadline, now)


def reschedule_late_letter(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Set when the letter about a late reply goes, counted from now, if it is still to go."""
    lapse, reply = deadline.current_lapse, c.policy.tier(deadline.tier).reply
    if lapse and lapse.letter_at and reply:
        lapse.letter_at = automatic_letter_at(c, reply.within, now)


def _remind(c: ComplaintState, deadline: Deadline, at: datetime) -> None:
    deadline.remind_at = None
    period = tier_period_of(c, deadline)
    to = [f"staff:{period.holder}"] if period.holder else c.leads(period.tier)
    if deadline.kind is DeadlineKind.RECOMMENDATION_ANSWER:
        to = alert_recipients(c, deadline)
    else:
        deadline.holder_check_pending = period.holder is not None
    c.note(EventKind.REMINDED, at, None, describe(c, deadline), {"deadline": deadline.number, "to": to})


def lapse(c: ComplaintState, deadline: Deadline, at: datetime) -> None:
    """Record a lapse, alert, and set the letter, the chaser and the automatic escalation (R6)."""
    to = alert_recipients(c, deadline)
    lapsed = Lapse(due_at=deadline.at, lapsed_at=at, alerted=to)
    deadline.lapses.append(lapsed)
    deadline.cancel_notices()
    what = f"{label_of(c, deadline)} was due by {format_date(deadline.due_on)}"
    c.note(EventKind.LAPSED, at, None, what, {"deadline": deadline.number, "due_at": deadline.at})
    c.alert(LAPSE_ALERTS[deadline.kind], at, to, what, deadline=deadline.number)
    reply = c.policy.tier(deadline.tier).reply
    if deadline.kind is DeadlineKind.REPLY and reply:
        deadline.chase_at = reply.chase_every.notice_after(c.calendar, deadline.due, c.policy.notices_at, at)
        deadline.escalate_at = escalates_at(c, deadline, reply)
        lapsed.letter_at = automatic_letter_at(c, reply.within, at) if reply.letter_at_lapse else None


def escalates_at(c: ComplaintState, deadline: Deadline, reply: ReplyTerms) -> datetime | None:
    """Return when a complaint without a reply escalates; None if the policy never does (R6).

    If that has passed when the tier takes the complaint up again, it counts from then: a manager still sees it.
    """
    if reply.escalate_after_lapse is None:
        return None
    period = tier_period_of(c, deadline)
    seen = (period.keyed_at, period.reopened_at, period.policy_changed_at, deadline.found_unsent_at)
    seen_at = max(at for at in seen if at)
    since = DueInstant(max(deadline.due_on, c.calendar.day_of(seen_at)), max(deadline.at, seen_at))
    at = reply.escalate_after_lapse.due(c.calendar, since).at
    if period.resumed_at and at <= period.resumed_at:
        at = reply.escalate_after_lapse.due(c.calendar, moment(c.calendar, period.resumed_at)).at
    return at


def _chase(c: ComplaintState, deadline: Deadline, at: datetime) -> None:
    reply = c.policy.tier(deadline.tier).reply
    assert reply is not None, "only replies are chased"
    what = f"{label_of(c, deadline)} was due by {format_date(deadline.due_on)}, still not sent"
    to = c.holder_and_lead(tier_period_of(c, deadline))
    c.note(EventKind.CHASED, at, None, what, {"deadline": deadline.number, "to": to})
    deadline.chase_at = reply.chase_every.notice_after(c.calendar, deadline.due, c.policy.notices_at, at + TICK)
