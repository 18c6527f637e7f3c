"""A tier that replies: reached, acknowledged, answered, left (R3 to R6)."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from complaints.procedure.acts import Acknowledge, Reply, TierLetterAct
from complaints.procedure.dates.allowance import moment
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.enums import Alert, Channel, ClosingReason, Code, DeadlineKind, EventKind, Letter, Status
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import RefusedError
from complaints.procedure.remedies import action_texts
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps import assessor, deadline_rules
from complaints.procedure.steps.closing import close
from complaints.procedure.steps.rules import Effect, EventPriority, ScheduledEvent, not_in_future, not_past
from complaints.procedure.steps.undertakings import undertake
from complaints.procedure.steps.window import going_on, open_window


def reach(c: ComplaintState, tier: Tier, started_at: datetime, now: datetime, holder: str | None = None) -> None:
    """The complaint reaches a tier: its clocks start at `started_at`, which may be in the past (R3)."""
    leave(c, started_at, now)
    c.window = None
    c.tier_periods.append(TierPeriod(tier=tier.id, started_at=started_at, keyed_at=now))
    c.note(EventKind.TIER_REACHED, now, None, f"with {tier.title}", {"tier": tier.id, "started_at": started_at})
    if holder:
        c.assign_holder(c.tier_period, holder, now)
    if tier.reply is None:
        assessor.review_requested(c, now)
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


def promised(c: ComplaintState) -> dict[str, Any]:
    """For a letter: by when the current tier acknowledges and replies, or whether it waits for the case to close."""
    acknowledgement, reply = c.running_deadline(DeadlineKind.ACKNOWLEDGEMENT), c.running_deadline(DeadlineKind.REPLY)
    return {
        "acknowledge_by": acknowledgement.due_on if acknowledgement else None,
        "reply_by": reply.due_on if reply else None,
        "waits": c.status is Status.AWAITING_CASE_CLOSING,
    }


def leave(c: ComplaintState, left_at: datetime, now: datetime) -> None:
    if c.tier_periods:
        deadline_rules.end_deadlines(c, now)
        c.tier_period.left_at = left_at
        c.tier_period.notice_at = None


def acknowledge(c: ComplaintState, act: Acknowledge, now: datetime) -> Effect:
    stay = _written_for(c, act, now)
    sent_at = _judged_at(c, act, stay, now)
    title = c.policy.title_of(stay.tier)
    deadline = c.latest_deadline(stay.tier, DeadlineKind.ACKNOWLEDGEMENT)
    if deadline is None:
        raise RefusedError(Code.NO_SUCH_DEADLINE, f"{title} has no acknowledgement to send.")
    if stay.acknowledged_at and stay.acknowledged_at <= sent_at:
        on = format_date(c.calendar.day_of(stay.acknowledged_at))
        raise RefusedError(Code.ALREADY_DONE, f"{title} acknowledged the complaint on {on}.")
    _refuse_unreachable(c, act)

    def effect() -> None:
        c.note(act.name, now, act.by, f"{title}: acknowledged", {"sent_at": sent_at, "tier": stay.tier})
        _acted(c, stay, act.by, now)
        acknowledged(c, stay, sent_at, now, act.by)
        if act.sent_at is None:
            what = f"{title}: acknowledgement"
            aspects = [aspect for aspect in c.aspects if aspect.is_service]
            is_here = stay is c.tier_period
            awaited = c.running_deadline(DeadlineKind.REPLY) if is_here else None
            passes_on_at = awaited and awaited.escalate_at
            c.letter(
                Letter.ACKNOWLEDGEMENT,
                now,
                what,
                act.channel,
                tier=stay.tier,
                received_on=c.calendar.day_of(c.received_at),
                aspects=aspects,
                was_due=_was_due(deadline, sent_at),
                reply_by=awaited.due_on if awaited else None,
                passes_on_after=last_day(c.calendar, passes_on_at) if passes_on_at else None,
                passed_to=None if is_here else c.tier_period.tier,
            )

    return effect


def reply(c: ComplaintState, act: Reply, now: datetime) -> Effect:
    stay = _written_for(c, act, now)
    title = c.policy.title_of(stay.tier)
    tier = c.policy.tier(stay.tier)
    if tier.reply is None:
        raise RefusedError(Code.NOT_NOW, f"{title} gives an opinion (give_opinion), not a reply.")
    if stay.replied_at:
        on = format_date(c.calendar.day_of(stay.replied_at))
        raise RefusedError(Code.ALREADY_DONE, f"{title} replied on {on}; {_awaited(c)}.")
    sent_at = _judged_at(c, act, stay, now)
    _refuse_unreachable(c, act)
    not_past(c, act.carry_out_by, now, "carry_out_by")

    def effect() -> None:
        stay.replied_at = sent_at
        c.note(
            act.name,
            now,
            act.by,
            f"{title}: replied, {act.outcome.replace('_', ' ')}",
            {
                "sent_at": sent_at,
                "tier": stay.tier,
                "outcome": act.outcome,
                "remedies": [remedy.model_dump(include={"kind", "pence"}) for remedy in act.remedies],
            },
            {"findings": act.findings, **action_texts("remedy", act.remedies)},
        )
        reply = c.sequence
        _acted(c, stay, act.by, now)
        acknowledged(c, stay, sent_at, now, act.by)
        deadline_rules.meet(c, c.latest_deadline(stay.tier, DeadlineKind.REPLY), sent_at, now)
        remedies = [
            remedy.model_dump(include={"kind", "pence"})
            | {"by": undertake(c, remedy, [stay.tier], act.by, act.carry_out_by, sent_at, now)}
            for remedy in act.remedies
        ]
        letter = None
        if act.sent_at is None:
            further = going_on(c) if stay is c.tier_period and c.next_tier else None
            letter = c.letter(
                Letter.REPLY,
                now,
                f"{title}: reply",
                act.channel,
                tier=stay.tier,
                reply=reply,
                was_due=_was_due(c.latest_deadline(stay.tier, DeadlineKind.REPLY), sent_at),
                outcome=act.outcome,
                remedies=remedies,
                going_on=further,
                passed_to=c.tier_period.tier if stay is not c.tier_period else None,
            )
        if stay is c.tier_period:
            _replied(c, now if letter else sent_at, act.channel, now, letter)

    return effect


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    deadline = c.running_deadline(DeadlineKind.REPLY)
    if deadline and deadline.escalate_at and c.next_tier:
        summary = f"{c.tier_title}: passes to {c.next_tier.title} by itself"
        yield ScheduledEvent(deadline.escalate_at, EventPriority.ESCALATION, summary, partial(_escalate_on_lapse, c))


def _escalate_on_lapse(c: ComplaintState, at: datetime) -> None:
    """No reply and no extension in time: the complaint passes on by itself, and the complainant is told why (R6)."""
    left, following = c.tier_period, c.next_tier
    assert following is not None, "only a tier that has one after it escalates"
    what = f"{c.tier_title} did not reply: passed to {following.title}"
    c.note(EventKind.ESCALATED_ON_LAPSE, at, None, what, {"from": left.tier, "to": following.id})
    missed = c.latest_deadline(left.tier, DeadlineKind.REPLY)
    assert missed is not None, "a reply was missed"
    reach(c, following, at, at)
    passed_on: dict[str, Any] = {"tier": following.id, "left": left.tier, "was_due": missed.due_on}
    c.letter(Letter.PASSED_ON, at, what, **passed_on, **promised(c))
    to = [*c.holder_and_lead(left), *c.leads(following.id)]
    c.alert(Alert.PASSED_ON, at, to, what, tier=following.id)


def tier_period_of_letter(c: ComplaintState, act: TierLetterAct, now: datetime) -> TierPeriod | None:
    """The stay for which a letter was written: the one named, or the one at the instant of sending (R6)."""
    stays = [stay for stay in c.tier_periods if stay.tier in {tier.id for tier in c.policy.tiers}]
    if act.tier:
        return next((stay for stay in reversed(stays) if stay.tier == act.tier), None)
    at = act.sent_at or act.instant(now)
    stay = next((stay for stay in reversed(stays) if stay.started_at <= at), next(iter(stays[-1:]), None))
    if stay and stay is c.tier_period and act.by not in stay.involved:
        return next((s for s in stays[:-1] if act.by in s.involved and not s.replied_at), stay)
    return stay


def _written_for(c: ComplaintState, act: TierLetterAct, now: datetime) -> TierPeriod:
    c.refuse_if_closed()
    if not c.tier_periods or c.is_with_case_handler_step:
        raise RefusedError(
            Code.NOT_NOW, f"The complaint is with the {c.tier_title.lower()}; no letter of a tier is due."
        )
    stay = tier_period_of_letter(c, act, now)
    if stay is None:
        raise RefusedError(Code.NO_SUCH_TIER, f"tier: the complaint has not been with {act.tier}.")
    if stay.left_at and (act.sent_at or act.instant(now)) >= stay.left_at:
        on = format_date(c.calendar.day_of(stay.left_at))
        raise RefusedError(
            Code.TIER_PASSED,
            f"The complaint left {c.policy.title_of(stay.tier)} on {on} and is with {c.tier_title}.",
        )
    return stay


def _judged_at(c: ComplaintState, act: TierLetterAct, stay: TierPeriod, now: datetime) -> datetime:
    """The instant by which timeliness is judged (R4)."""
    at = not_in_future(act.sent_at, now, "sent_at") if act.sent_at else act.instant(now)
    if at < stay.started_at:
        on = format_date(c.calendar.day_of(stay.started_at))
        raise RefusedError(
            Code.BEFORE_CLOCK, f"sent_at lies before the complaint reached {c.policy.title_of(stay.tier)} ({on})."
        )
    return at


def _refuse_unreachable(c: ComplaintState, act: TierLetterAct) -> None:
    """A letter that is ours to send must have somewhere to go."""
    given = {Channel.EMAIL: c.form.complainant.email, Channel.POST: c.form.complainant.address}
    if act.sent_at is None and act.channel and not given[act.channel]:
        prefers = c.form.complainant.prefers
        raise RefusedError(
            Code.NO_ADDRESS, f"channel: the complainant gave no address for {act.channel}; give {prefers}."
        )


def _acted(c: ComplaintState, stay: TierPeriod, staff: str, now: datetime) -> None:
    if stay is c.tier_period:
        c.record_act_at_tier(staff, now)
    elif staff not in stay.involved:
        stay.involved.append(staff)


def acknowledged(c: ComplaintState, stay: TierPeriod, sent_at: datetime, now: datetime, by: str | None) -> None:
    """An acknowledgement, or a reply, which counts as one too (R4)."""
    stay.acknowledged_at = min(stay.acknowledged_at or sent_at, sent_at)
    acknowledgement = c.latest_deadline(stay.tier, DeadlineKind.ACKNOWLEDGEMENT)
    deadline_rules.meet(c, acknowledgement, sent_at, now)
    if stay is c.tier_period and c.status is Status.AWAITING_ACKNOWLEDGEMENT:
        c.status = Status.AWAITING_REPLY
    terms = c.policy.tier(stay.tier).reply
    deadline = c.latest_deadline(stay.tier, DeadlineKind.REPLY)
    if not (acknowledgement and terms and deadline and deadline.is_running and terms.counts_from == "acknowledgement"):
        return
    start = min(moment(c.calendar, sent_at), acknowledgement.due)
    due = terms.within.due(c.calendar, start)
    if due.at < deadline.first_at:
        deadline.day_0, deadline.start_at = start
        if deadline.is_extended:
            deadline.first_on, deadline.first_at = due
        else:
            deadline_rules.move_deadline(c, deadline, due, "R3", by, now, first=due)


def _replied(c: ComplaintState, sent_at: datetime, channel: Channel | None, now: datetime, letter: int | None) -> None:
    deadline_rules.end_deadlines(c, now)
    if c.next_tier:
        open_window(c, sent_at, channel, now, letter)
    else:
        close(c, ClosingReason.FINAL_REPLY, now)


def _was_due(deadline: Deadline | None, sent_at: datetime) -> date | None:
    """For a letter: until when it should have been sent; None if it is in time."""
    return deadline.due_on if deadline and sent_at >= deadline.at else None


def _awaited(c: ComplaintState) -> str:
    return f"it is {c.status.replace('_', ' ')}"
