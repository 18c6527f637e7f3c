"""R7: the complainant escalates to the next tier; a lead accepts a late escalation."""

from datetime import date, datetime
from typing import Any

from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.acts import AcceptLate, Escalate
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.window_dates import review_without_reply_at
from complaints.procedure.enums import Alert, ClosingReason, Code, DeadlineKind, Letter, Status
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import admission, case_handler, tier
from complaints.procedure.steps.closing import note_reopened
from complaints.procedure.steps.rules import Effect, check_not_in_future
from complaints.procedure.steps.window import NEVER_TAKEN, refuse_after_window, refuse_closed_before


def escalate(c: ComplaintState, act: Escalate, now: datetime) -> Effect:
    """Pass the complaint to the next tier, at the complainant's request. Raises RefusedError."""
    if c.closing and c.closing.reason is ClosingReason.OUT_OF_TIME:
        return _ask_again(c, act, now)
    if not c.tier_periods:
        c.refuse_if_closed()
    if c.is_with_case_handler_step:
        raise _case_handler_refusal(c, act, now)
    received_at = check_not_in_future(c, act.received_at, now, "received_at") if act.received_at else act.instant(now)
    if c.closing and c.closing.reason in NEVER_TAKEN:
        c.refuse_if_closed()
    target = _target(c, act, received_at)
    refuse_closed_before(c, received_at)
    _refuse_too_early(c, act, target, received_at)
    refuse_after_window(c, received_at, target)

    def effect() -> None:
        _note_escalation(c, act, target, received_at, now)
        _pass_to_tier(c, target, received_at, now, late=False)

    return effect


def _note_escalation(c: ComplaintState, act: Escalate, target: Tier, received_at: datetime, now: datetime) -> None:
    detail = {"to": target.id, "received_at": received_at}
    c.note(act.name, now, act.by, f"the complainant goes on to {target.title}", detail, {"reason": act.reason})
    note_reopened(c, now, act.by)


def _ask_again(c: ComplaintState, act: Escalate, now: datetime) -> Effect:
    """Take up a complaint that was out of time, if its case is open again (R7).

    Raises RefusedError.
    """
    first = c.policy.tiers[0]
    received_at = case_handler.check_ask_manager(c, act, now)
    target = _named_tier(c, act) or first
    if target is not first:
        raise _too_early_refusal(c, act, target, _tier_before(c, target))

    def effect() -> None:
        _note_escalation(c, act, first, received_at, now)
        admission.take_up(c, received_at, now)
        admission.send_taken_up_again_letter(c, now)

    return effect


def accept_late(c: ComplaintState, act: AcceptLate, now: datetime) -> Effect:
    """Accept a late complaint or escalation, as its lead; clocks start now (R7, R9).

    Raises RefusedError.
    """
    if c.closing is None:
        raise RefusedError(Code.NOTHING_LATE, "The complaint is open; nothing was refused as out of time.")
    out_of_time = c.closing.reason is ClosingReason.OUT_OF_TIME
    if c.closing.reason is ClosingReason.OPENED_IN_ERROR or not (out_of_time or c.window):
        c.refuse_if_closed()

    def effect() -> None:
        c.note(act.name, now, act.by, "taken although out of time", free_text={"reason": act.reason})
        note_reopened(c, now, act.by)
        if out_of_time:
            admission.take_up(c, now, now)
            admission.send_taken_up_again_letter(c, now)
        elif c.next_tier:
            _pass_to_tier(c, c.next_tier, now, now, late=True)

    return effect


def _pass_to_tier(c: ComplaintState, target: Tier, received_at: datetime, now: datetime, *, late: bool) -> None:
    """Reach the tier, and send the letter that the escalation was received."""
    tier.reach_tier(c, target, received_at, now)
    waits = c.status is Status.AWAITING_CASE_CLOSING
    occasion = Letter.REVIEW_WAITS if waits else Letter.ESCALATION_RECEIVED
    received_on = c.calendar.day_of(received_at)
    c.letter(
        occasion,
        now,
        f"received by {target.title}",
        tier=target.id,
        received_on=received_on,
        late=late,
        reopened=False,
        **tier.promised_dates(c),
    )


def _case_handler_refusal(c: ComplaintState, act: Escalate, now: datetime) -> RefusedError:
    """Return the refusal of an escalation at the case handler's step.

    Raises RefusedError where a manager cannot be asked for either.
    """
    target = _named_tier(c, act)
    if target and target.review:
        return _too_early_refusal(c, act, target, _tier_before(c, target))
    case_handler.check_ask_manager(c, act, now)
    return RefusedError(
        Code.NOT_NOW,
        f"The complaint is with the {c.tier_title.lower()}; {c.policy.tiers[0].title} is asked for with ask_manager.",
    )


def _named_tier(c: ComplaintState, act: Escalate) -> Tier | None:
    """Return the tier that the act names, if any. Raises RefusedError for an unknown one."""
    ids = [tier.id for tier in c.policy.tiers]
    if act.to and act.to not in ids:
        near = nearest_name(act.to, ids)
        advice = f"{near}?" if near else f"give one of {', '.join(ids)}."
        raise RefusedError(Code.NO_SUCH_TIER, f"to: there is no tier {act.to}; {advice}")
    return c.policy.tier(act.to) if act.to else None


def _tier_before(c: ComplaintState, tier: Tier) -> Tier:
    return c.policy.tiers[c.policy.tiers.index(tier) - 1]


def _target(c: ComplaintState, act: Escalate, received_at: datetime) -> Tier:
    """Return the next tier. Raises RefusedError for another one, and where there is none."""
    named, tiers = _named_tier(c, act), c.policy.tiers
    here = tiers.index(c.policy.tier(c.tier_period.tier))
    target = tiers.index(named) if named else here + 1
    if target <= here or (not named and received_at < c.tier_period.started_at):
        on = format_date(c.calendar.day_of(c.tier_period.started_at))
        raise RefusedError(Code.ALREADY_ESCALATED, f"The complaint has been with {c.tier_title} since {on}.")
    if here + 1 == len(tiers):
        outside = c.policy.outside_body or "It is the last word of this procedure."
        raise RefusedError(Code.NO_FURTHER_TIER, f"There is no tier after {c.tier_title}. {outside}")
    if target > here + 1:
        raise _too_early_refusal(c, act, tiers[target], tiers[target - 1])
    return tiers[target]


def _refuse_too_early(c: ComplaintState, act: Escalate, target: Tier, received_at: datetime) -> None:
    """Refuse an escalation before the reply or its lapse.

    A review may be requested without a reply once the service has had a reasonable opportunity to give it (R7).
    """
    here = c.policy.tier(c.tier_period.tier)
    deadline = c.latest_deadline(here.id, DeadlineKind.REPLY)
    unanswered_at = deadline and (
        review_without_reply_at(c.policy, c.calendar, deadline, received_at) if target.review else deadline.passed_at
    )
    since = min((at for at in (c.tier_period.replied_at, unanswered_at) if at), default=None)
    if since is None or c.calendar.day_of(received_at) < c.calendar.day_of(since):
        raise _too_early_refusal(c, act, target, here)


def _too_early_refusal(c: ComplaintState, act: Escalate, target: Tier, before: Tier) -> RefusedError:
    """Return the refusal of an early escalation.

    An early request for a review also alerts the lead of the tier `before` it. The complainant gets a letter if
    the request came from them.
    """
    sentence = f"It is too early to go to {target.title}: {before.title} has not yet replied"
    if not target.review:
        return RefusedError(Code.TOO_EARLY, f"{sentence}, and its reply is not overdue.")
    from_on = _without_reply_from(c, before)
    if from_on:
        sentence += f"; without its reply, it is possible from {format_date(from_on)}"
    consequence = Consequence(alert=Alert.TOO_EARLY, recipients=tuple(c.leads(before.id)))
    if act.from_complainant:
        detail = _too_early_letter_detail(c, target, before, from_on)
        consequence = consequence.model_copy(update={"letter": Letter.TOO_EARLY, "letter_detail": detail})
    return RefusedError(Code.TOO_EARLY, f"{sentence}.", consequence)


def _without_reply_from(c: ComplaintState, before: Tier) -> date | None:
    """Return the first day of a review without a reply; None where no reply is awaited."""
    deadline = c.running_deadline(DeadlineKind.REPLY)
    at = deadline and deadline.tier == before.id and review_without_reply_at(c.policy, c.calendar, deadline)
    return c.calendar.day_of(at) if at else None


def _too_early_letter_detail(c: ComplaintState, target: Tier, before: Tier, from_on: date | None) -> dict[str, Any]:
    """Return the letter's variables: where the complaint is, and which tier may be asked now."""
    may_ask = c.next_tier if c.status is Status.AWAITING_COMPLAINANT else None
    return {
        "tier": c.tier_id or before.id,
        "reviewer": target.id,
        "before": before.id,
        "may_ask": may_ask.id if may_ask else None,
        "without_reply_from": from_on,
        "closed": c.is_closed,
    }
