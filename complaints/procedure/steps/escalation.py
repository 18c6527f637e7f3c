"""R7: the complainant escalates to the next tier; a lead accepts a late escalation."""

from datetime import datetime
from typing import Any

from complaints.procedure.acts import AcceptLate, Escalate
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Alert, ClosingReason, Code, DeadlineKind, Letter, Status
from complaints.procedure.policy import Tier
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import admission, tier
from complaints.procedure.steps.closing import reopen
from complaints.procedure.steps.rules import Effect, check_not_in_future
from complaints.procedure.steps.window import refuse_after_window
from complaints.procedure.validation_messages import nearest_name

WITHOUT_WINDOW = {ClosingReason.SIGNPOSTED, ClosingReason.OUT_OF_TIME, ClosingReason.OPENED_IN_ERROR}


def escalate(c: ComplaintState, act: Escalate, now: datetime) -> Effect:
    """Pass the complaint to the next tier, at the complainant's request. Raises RefusedError."""
    if not c.tier_periods or (c.closing and c.closing.reason in WITHOUT_WINDOW):
        c.refuse_if_closed()
    if c.is_with_case_handler_step:
        raise _case_handler_refusal(c, act)
    received_at = check_not_in_future(act.received_at, now, "received_at") if act.received_at else act.instant(now)
    target = _target(c, act, received_at)
    if not c.tier_period.replied_at:
        c.refuse_if_closed()
    _refuse_too_early(c, target, received_at)
    refuse_after_window(c, received_at, target)

    def effect() -> None:
        detail = {"to": target.id, "received_at": received_at}
        c.note(act.name, now, act.by, f"the complainant goes on to {target.title}", detail, {"reason": act.reason})
        reopen(c, now, act.by)
        _pass_to_tier(c, target, received_at, now, late=False)

    return effect


def accept_late(c: ComplaintState, act: AcceptLate, now: datetime) -> Effect:
    """Accept a late complaint or escalation, as its lead; clocks start now (R7, R9).

    Raises RefusedError.
    """
    late = {ClosingReason.OUT_OF_TIME, ClosingReason.NOT_TAKEN_FURTHER, ClosingReason.SETTLED}
    if c.closing is None:
        raise RefusedError(Code.NOTHING_LATE, "The complaint is open; nothing was refused as out of time.")
    if c.closing.reason not in late:
        c.refuse_if_closed()

    def effect() -> None:
        reason = c.closing and c.closing.reason
        c.note(act.name, now, act.by, "taken although out of time", free_text={"reason": act.reason})
        reopen(c, now, act.by)
        if reason is ClosingReason.OUT_OF_TIME:
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


def _case_handler_refusal(c: ComplaintState, act: Escalate) -> RefusedError:
    last = c.policy.tiers[-1]
    if last.review and act.to == last.id:
        return _too_early_refusal(c, last, c.policy.tiers[-2])
    return RefusedError(
        Code.NOT_NOW,
        f"The complaint is with the {c.tier_title.lower()}; {c.policy.tiers[0].title} is asked for with ask_manager.",
    )


def _target(c: ComplaintState, act: Escalate, received_at: datetime) -> Tier:
    """Return the next tier. Raises RefusedError for another one, and where there is none."""
    ids = [t.id for t in c.policy.tiers]
    if act.to and act.to not in ids:
        near = nearest_name(act.to, ids)
        advice = f"{near}?" if near else f"give one of {', '.join(ids)}."
        raise RefusedError(Code.NO_SUCH_TIER, f"to: there is no tier {act.to}; {advice}")
    here = ids.index(c.tier_period.tier)
    target = ids.index(act.to) if act.to else here + 1
    if target <= here or (not act.to and received_at < c.tier_period.started_at):
        on = format_date(c.calendar.day_of(c.tier_period.started_at))
        raise RefusedError(Code.ALREADY_ESCALATED, f"The complaint has been with {c.tier_title} since {on}.")
    if here + 1 == len(ids):
        outside = c.policy.outside_body or "It is the last word of this procedure."
        raise RefusedError(Code.NO_FURTHER_TIER, f"There is no tier after {c.tier_title}. {outside}")
    if target > here + 1:
        raise _too_early_refusal(c, c.policy.tiers[target], c.policy.tiers[target - 1])
    return c.policy.tiers[target]


def _refuse_too_early(c: ComplaintState, target: Tier, received_at: datetime) -> None:
    """Refuse an escalation before the reply or its lapse, and a review before the reply (R8)."""
    here = c.policy.tier(c.tier_period.tier)
    deadline = c.latest_deadline(here.id, DeadlineKind.REPLY)
    passed_at = deadline.passed_at if deadline and not target.review else None
    since = min((at for at in (c.tier_period.replied_at, passed_at) if at), default=None)
    if since is None or c.calendar.day_of(received_at) < c.calendar.day_of(since):
        raise _too_early_refusal(c, target, here)


def _too_early_refusal(c: ComplaintState, target: Tier, before: Tier) -> RefusedError:
    """Return the refusal of an early escalation.

    An early request for a review also alerts the lead of the tier `before` it, and the complainant gets a letter.
    """
    sentence = f"It is too early to go to {target.title}: {before.title} has not yet replied"
    if not target.review:
        return RefusedError(Code.TOO_EARLY, f"{sentence}, and its reply is not overdue.")
    consequence = Consequence(
        alert=Alert.TOO_EARLY,
        recipients=tuple(c.leads(before.id)),
        letter=Letter.TOO_EARLY,
        letter_detail=_too_early_letter_detail(c, target, before),
    )
    return RefusedError(Code.TOO_EARLY, f"{sentence}.", consequence)


def _too_early_letter_detail(c: ComplaintState, target: Tier, before: Tier) -> dict[str, Any]:
    """Return the letter's variables: where the complaint is, and which tier may be asked now."""
    may_ask = c.next_tier if c.status is Status.AWAITING_COMPLAINANT else None
    return {
        "tier": c.tier_period.tier,
        "reviewer": target.id,
        "before": before.id,
        "may_ask": may_ask.id if may_ask else None,
        "closed": c.is_closed,
    }
