"""R3 to R6: a tier is reached, acknowledges, replies, or passes the complaint on."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from complaints.procedure.acts import Acknowledge, Reply
from complaints.procedure.dates.allowance import moment
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline, Sending
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.enums import (
    Alert,
    Channel,
    ClosingReason,
    Code,
    DeadlineKind,
    EventKind,
    Letter,
    Status,
    humanize_code,
)
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import RefusedError
from complaints.procedure.remedies import action_texts
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps import assessor, deadline_rules
from complaints.procedure.steps.closing import close
from complaints.procedure.steps.letters.sendings import meet_deadline, record_acknowledgement
from complaints.procedure.steps.rules import (
    Effect,
    EventPriority,
    ScheduledEvent,
    automatic_letter_at,
    check_not_past,
    note_of_free_day,
)
from complaints.procedure.steps.tier_letters import judged_at, refuse_unreachable, tier_period_to_write_for
from complaints.procedure.steps.undertakings import add_undertaking
from complaints.procedure.steps.window import next_tier_detail, open_window


def reach_tier(c: ComplaintState, tier: Tier, started_at: datetime, now: datetime, holder: str | None = None) -> None:
    """Reach a tier; its clocks start at `started_at`, which may be in the past (R3)."""
    leave_tier(c, started_at, now)
    c.window = None
    c.tier_periods.append(TierPeriod(tier=tier.id, started_at=started_at, keyed_at=now))
    c.note(EventKind.TIER_REACHED, now, None, f"with {tier.title}", {"tier": tier.id, "started_at": started_at})
    if holder:
        c.assign_holder(c.tier_period, holder, now)
        c.tier_period.alert_owed = Alert.GOES_ON
    if tier.reply is None:
        assessor.request_review(c, now)
        return
    start = moment(c.calendar, started_at)
    reply_start = start
    c.status = Status.AWAITING_REPLY
    if tier.acknowledge_within:
        c.status = Status.AWAITING_ACKNOWLEDGEMENT
        kind = DeadlineKind.ACKNOWLEDGEMENT
        acknowledgement = deadline_rules.set_deadline(c, kind, "R4", tier.acknowledge_within, start, now)
        if tier.reply.counts_from == "acknowledgement":
            reply_start = acknowledgement.due
    deadline_rules.set_deadline(c, DeadlineKind.REPLY, "R4", tier.reply.within, reply_start, now)


def promised_dates(c: ComplaintState) -> dict[str, Any]:
    """Return variables for a letter: when the current tier acknowledges and replies.

    `waits`: whether a review waits for the case to close.
    """
    acknowledgement, reply = c.running_deadline(DeadlineKind.ACKNOWLEDGEMENT), c.running_deadline(DeadlineKind.REPLY)
    return {
        "acknowledge_by": acknowledgement.due_on if acknowledgement else None,
        "reply_by": reply.due_on if reply else None,
        "waits": c.status is Status.AWAITING_CASE_CLOSING,
    }


def leave_tier(c: ComplaintState, left_at: datetime, now: datetime) -> None:
    """Leave the current tier, if there is one; its unmet deadlines end as unmet (R6)."""
    if c.tier_periods:
        deadline_rules.end_deadlines(c, now)
        c.tier_period.left_at = left_at
        c.tier_period.notice_at = None


def acknowledge(c: ComplaintState, act: Acknowledge, now: datetime) -> Effect:
    """Acknowledge the complaint, by our letter or one that has gone (R4). Raises RefusedError."""
    period = tier_period_to_write_for(c, act, now)
    sent_at = judged_at(c, act, period, now)
    title = c.policy.title_of(period.tier)
    deadline = c.latest_deadline(period.tier, DeadlineKind.ACKNOWLEDGEMENT)
    if deadline is None:
        raise RefusedError(Code.NO_SUCH_DEADLINE, f"{title} has no acknowledgement to send.")
    if period.acknowledged_at and period.acknowledged_at <= sent_at:
        on = format_date(c.calendar.day_of(period.acknowledged_at))
        raise RefusedError(Code.ALREADY_DONE, f"{title} acknowledged the complaint on {on}.")
    refuse_unreachable(c, act)

    def effect() -> None:
        c.note(act.name, now, act.by, f"{title}: acknowledged", {"sent_at": sent_at, "tier": period.tier})
        _record_act(c, period, act.by, now)
        sending = Sending(sent_at=sent_at)
        record_acknowledgement(c, period, sending, now, act.by)
        if act.sent_at is None:
            what = f"{title}: acknowledgement"
            service = [(number, aspect) for number, aspect in enumerate(c.aspects, start=1) if aspect.is_service]
            is_here = period is c.tier_period
            awaited = c.running_deadline(DeadlineKind.REPLY) if is_here else None
            passes_on_at = awaited and awaited.escalate_at
            sending.letter = c.letter(
                Letter.ACKNOWLEDGEMENT,
                now,
                what,
                act.channel,
                tier=period.tier,
                received_on=c.calendar.day_of(c.received_at),
                reached_on=c.calendar.day_of(period.started_at),
                aspects=[aspect for _, aspect in service],
                concerns=[number for number, _ in service],
                was_due=_missed_due_day(deadline, sent_at),
                reply_by=awaited.due_on if awaited else None,
                passes_on_after=last_day(c.calendar, passes_on_at) if passes_on_at else None,
                passed_to=None if is_here else c.tier_period.tier,
            )

    return effect


def reply(c: ComplaintState, act: Reply, now: datetime) -> Effect:
    """Reply to the complaint, by our letter or one that has gone (R4). Raises RefusedError."""
    period = tier_period_to_write_for(c, act, now)
    title = c.policy.title_of(period.tier)
    tier = c.policy.tier(period.tier)
    if tier.reply is None:
        raise RefusedError(Code.NOT_NOW, f"{title} gives an opinion, not a reply.")
    if period.replied_at:
        on = format_date(c.calendar.day_of(period.replied_at))
        held = next((each.letter for each in c.window.letters if each.letter in c.held), None) if c.window else None
        remedy = f"its letter {held} is held: send it again (letters retry), or say that it has gone (letter_sent)"
        state = remedy if held else f"it is {humanize_code(c.status)}"
        raise RefusedError(Code.ALREADY_DONE, f"{title} replied on {on}; {state}.")
    sent_at = judged_at(c, act, period, now)
    refuse_unreachable(c, act)
    check_not_past(c, act.carry_out_by, sent_at, "carry_out_by")
    free_day = note_of_free_day(c, act.carry_out_by)

    def effect() -> None:
        period.replied_at, period.outcome = sent_at, act.outcome
        c.note(
            act.name,
            now,
            act.by,
            f"{title}: replied, {humanize_code(act.outcome)}{free_day}",
            {
                "sent_at": sent_at,
                "tier": period.tier,
                "outcome": act.outcome,
                "remedies": [remedy.model_dump(include={"kind", "pence"}) for remedy in act.remedies],
            },
            {"findings": act.findings, **action_texts("remedy", act.remedies)},
        )
        reply = c.sequence
        _record_act(c, period, act.by, now)
        sending = Sending(sent_at=sent_at)
        record_acknowledgement(c, period, sending, now, act.by)
        meet_deadline(c, c.latest_deadline(period.tier, DeadlineKind.REPLY), sending, now)
        remedies = [
            remedy.model_dump(include={"kind", "pence"})
            | {"by": add_undertaking(c, remedy, [period.tier], act.by, act.carry_out_by, sent_at, now)}
            for remedy in act.remedies
        ]
        letter = None
        if act.sent_at is None:
            further = next_tier_detail(c) if period is c.tier_period and c.next_tier else None
            letter = sending.letter = c.letter(
                Letter.REPLY,
                now,
                f"{title}: reply",
                act.channel,
                tier=period.tier,
                reply=reply,
                was_due=_missed_due_day(c.latest_deadline(period.tier, DeadlineKind.REPLY), sent_at),
                outcome=act.outcome,
                remedies=remedies,
                going_on=further,
                passed_to=c.tier_period.tier if period is not c.tier_period else None,
            )
        if period is c.tier_period:
            _end_with_reply(c, now if letter else sent_at, act.channel, now, letter)

    return effect


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the automatic escalation of a lapsed reply (R6)."""
    deadline = c.running_deadline(DeadlineKind.REPLY)
    if deadline and deadline.escalate_at and c.next_tier and not c.is_closed:
        summary = f"{c.tier_title}: passes to {c.next_tier.title} automatically"
        yield ScheduledEvent(deadline.escalate_at, EventPriority.ESCALATION, summary, partial(_escalate_on_lapse, c))


def _escalate_on_lapse(c: ComplaintState, at: datetime) -> None:
    """Escalate for want of a reply; set the letter, and alert the tier that is left (R6)."""
    left, following = c.tier_period, c.next_tier
    assert following is not None, "only a tier that has one after it escalates"
    what = f"{c.tier_title} did not reply: passed to {following.title}"
    c.note(EventKind.ESCALATED_ON_LAPSE, at, None, what, {"from": left.tier, "to": following.id})
    reply = c.policy.tier(left.tier).reply
    assert reply is not None, "a reply was missed"
    reach_tier(c, following, at, at)
    c.tier_period.passed_on_letter_at = automatic_letter_at(c, reply.escalate_after_lapse, at)
    c.alert(Alert.PASSED_ON, at, c.holder_and_lead(left), what, tier=following.id)


def _record_act(c: ComplaintState, period: TierPeriod, staff: str, now: datetime) -> None:
    if period is c.tier_period:
        c.record_act_at_tier(staff, now)
    elif staff not in period.involved:
        period.involved.append(staff)


def _end_with_reply(
    c: ComplaintState, sent_at: datetime, channel: Channel | None, now: datetime, letter: int | None
) -> None:
    deadline_rules.end_deadlines(c, now)
    if c.next_tier:
        open_window(c, sent_at, channel, now, letter)
    else:
        close(c, ClosingReason.FINAL_REPLY, now)


def _missed_due_day(deadline: Deadline | None, sent_at: datetime) -> date | None:
    """Return the due day that a letter missed; None if it is in time."""
    return deadline.due_on if deadline and sent_at >= deadline.at else None
