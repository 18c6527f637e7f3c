"""R4: a reply is corrected; the first one stays on the record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from complaints.procedure.acts import Correct
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import ClosingReason, Code, DeadlineKind, Letter, humanize_code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.remedies import Remedy, action_texts
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod, Undertaking
from complaints.procedure.steps.rules import Effect, check_not_past, note_of_free_day
from complaints.procedure.steps.tier_letters import judged_at, refuse_unreachable
from complaints.procedure.steps.undertakings import add_undertaking, replace_undertaking
from complaints.procedure.steps.window import correct_window, next_tier_detail


def correct(c: ComplaintState, act: Correct, now: datetime) -> Effect:
    """Correct the tier's reply, by our letter or one that has gone. It meets no deadline.

    Raises RefusedError.
    """
    period = _tier_period_that_replied(c, now)
    replied_at = period.replied_at
    assert replied_at, "the tier has replied"
    sent_at = judged_at(c, act, period, now)
    replied_on = c.calendar.day_of(replied_at)
    if act.sent_at and sent_at < replied_at:
        raise RefusedError(Code.BEFORE_CLOCK, f"sent_at: it lies before the reply ({format_date(replied_on)}).")
    sent_at = max(sent_at, replied_at)
    refuse_unreachable(c, act)
    check_not_past(c, act.carry_out_by, sent_at, "carry_out_by")
    free_day = note_of_free_day(c, act.carry_out_by)

    def effect() -> None:
        was, reply_has_gone = period.outcome, _reply_has_gone(c, period)
        period.outcome = act.outcome
        what = f"{c.tier_title}: reply corrected, {humanize_code(act.outcome)}{free_day}"
        detail = {
            "sent_at": sent_at,
            "tier": period.tier,
            "was": was,
            "outcome": act.outcome,
            "remedies": [remedy.model_dump(include={"kind", "pence"}) for remedy in act.remedies],
        }
        texts = {"findings": act.findings, "reason": act.reason, **action_texts("remedy", act.remedies)}
        c.note(act.name, now, act.by, what, detail, texts)
        correction = c.sequence
        c.record_act_at_tier(act.by, now)
        replaced = _replace_undertakings(c, period, act.by, now)
        remedies = list(_promise_remedies(c, act, period, sent_at, now))
        letter = None
        if act.sent_at is None:
            letter = c.letter(
                Letter.CORRECTION,
                now,
                f"{c.tier_title}: reply corrected",
                act.channel,
                tier=period.tier,
                correction=correction,
                replied_on=replied_on if reply_has_gone else None,
                was=was if reply_has_gone else None,
                outcome=act.outcome,
                remedies=remedies,
                replaced=replaced if reply_has_gone else 0,
                going_on=_going_on(c),
            )
        if not c.is_closed:
            correct_window(c, now if letter else sent_at, act.channel, now, letter)

    return effect


def _tier_period_that_replied(c: ComplaintState, now: datetime) -> TierPeriod:
    """Return the current tier period, whose reply may still be corrected. Raises RefusedError."""
    if c.closing and c.closing.reason is not ClosingReason.FINAL_REPLY:
        c.refuse_if_closed(_advice_where_closed(c, now))
    replied = next((period for period in reversed(c.tier_periods) if period.replied_at and period.outcome), None)
    if c.tier is None or (replied is None and c.tier.reply):
        whose = f"{c.tier_title} has not replied" if c.tier else "No tier has replied yet"
        raise RefusedError(Code.NOT_NOW, f"{whose}; there is no reply to correct.")
    if replied is None or (c.tier.reply is None and c.tier_period.replied_at):
        raise RefusedError(Code.NOT_NOW, f"{c.tier_title} gives an opinion, which is not corrected.")
    if replied is not c.tier_period:
        assert replied.left_at, "the complaint went on from there"
        title, on = c.policy.title_of(replied.tier), format_date(c.calendar.day_of(replied.left_at))
        raise RefusedError(
            Code.TIER_PASSED,
            f"The complaint left {title} on {on}; its reply can no longer be corrected. "
            f"Say in a note to {c.tier_title} what was wrong (add_information).",
        )
    return replied


def _advice_where_closed(c: ComplaintState, now: datetime) -> str:
    """Say that a lead may reopen the complaint, where its reply could then be corrected."""
    ends_at = c.window.ends_at if c.window else None
    goes_on = c.tier and c.tier.reply and c.tier_period.replied_at and (ends_at is None or ends_at > now)
    return " If that was by mistake, its lead may reopen it (reopen)." if goes_on else ""


def _reply_has_gone(c: ComplaintState, period: TierPeriod) -> bool:
    """Return whether the complainant has had the reply: its letter is not held."""
    deadline = c.latest_deadline(period.tier, DeadlineKind.REPLY)
    return deadline is None or any(sending.letter not in c.held for sending in deadline.sendings)


def _of_reply(c: ComplaintState, period: TierPeriod) -> list[Undertaking]:
    """List the undertakings that the tier gave in its reply and in earlier corrections."""
    return [each for each in c.undertakings if each.recommendation is None and each.tiers == [period.tier]]


def _replace_undertakings(c: ComplaintState, period: TierPeriod, by: str, now: datetime) -> int:
    """End the undertakings that are not carried out, and return how many."""
    replaced = [undertaking for undertaking in _of_reply(c, period) if undertaking.is_open]
    for undertaking in replaced:
        replace_undertaking(c, undertaking, by, now)
    return len(replaced)


def _promise_remedies(
    c: ComplaintState, act: Correct, period: TierPeriod, sent_at: datetime, now: datetime
) -> Iterator[dict[str, Any]]:
    """Add an undertaking for each remedy, except for one that was carried out already.

    Yield the remedies as variables for the letter.
    """
    carried_out = [undertaking for undertaking in _of_reply(c, period) if undertaking.carried_out_at]
    for remedy in act.remedies:
        done = next((each for each in carried_out if _promises(each, remedy)), None)
        by = None
        if done:
            carried_out.remove(done)
            done.is_promised = True
        else:
            by = add_undertaking(c, remedy, [period.tier], act.by, act.carry_out_by, sent_at, now)
        done_on = c.calendar.day_of(done.carried_out_at) if done and done.carried_out_at else None
        yield remedy.model_dump(include={"kind", "pence"}) | {"by": by, "done_on": done_on}
    for undertaking in carried_out:
        undertaking.is_promised = False


def _promises(undertaking: Undertaking, remedy: Remedy) -> bool:
    return (undertaking.kind, undertaking.pence, undertaking.what) == (remedy.kind, remedy.pence, str(remedy))


def _going_on(c: ComplaintState) -> dict[str, Any] | None:
    """Return variables for the letter: the next tier, and the earlier end of the month."""
    if not (c.next_tier and c.window):
        return None
    return next_tier_detail(c) | {"month_ends_at": c.window.month_ends_at}
