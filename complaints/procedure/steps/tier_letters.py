"""R4, R6: the tier and the instant of a letter by staff."""

from datetime import datetime

from complaints.formatting.nearest_name import nearest_name
from complaints.procedure.acts import LetterAct, TierLetterAct
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Channel, Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps.rules import check_not_in_future


def tier_period_of_letter(c: ComplaintState, act: TierLetterAct, now: datetime) -> TierPeriod | None:
    """Return the tier period of a letter, by the tier named or the instant of sending (R6).

    An actor who acted only at an earlier tier that has not replied writes for that one.
    """
    periods = [period for period in c.tier_periods if period.tier in {tier.id for tier in c.policy.tiers}]
    if act.tier:
        return next((period for period in reversed(periods) if period.tier == act.tier), None)
    at = act.sent_at or act.instant(now)
    period = next((period for period in reversed(periods) if period.started_at <= at), next(iter(periods[-1:]), None))
    if period and period is c.tier_period and act.by not in period.involved:
        return next((s for s in periods[:-1] if act.by in s.involved and not s.replied_at), period)
    return period


def tier_period_to_write_for(c: ComplaintState, act: TierLetterAct, now: datetime) -> TierPeriod:
    """Return the tier period of a letter that may still be written (R6). Raises RefusedError."""
    c.refuse_if_closed()
    if not c.tier_periods or c.is_with_case_handler_step:
        raise RefusedError(
            Code.NOT_NOW, f"The complaint is with the {c.tier_title.lower()}; no letter of a tier is due."
        )
    period = tier_period_of_letter(c, act, now)
    if period is None:
        near = nearest_name(act.tier, [period.tier for period in c.tier_periods])
        advice = f"; {near}?" if near else "."
        raise RefusedError(Code.NO_SUCH_TIER, f"tier: the complaint has not been with {act.tier}{advice}")
    if period.left_at and (act.sent_at or act.instant(now)) >= period.left_at:
        on = format_date(c.calendar.day_of(period.left_at))
        raise RefusedError(
            Code.TIER_PASSED,
            f"The complaint left {c.policy.title_of(period.tier)} on {on} and is with {c.tier_title}.",
        )
    return period


def judged_at(c: ComplaintState, act: LetterAct, period: TierPeriod, now: datetime) -> datetime:
    """Return the instant by which timeliness is judged (R4). Raises RefusedError."""
    at = check_not_in_future(c, act.sent_at, now, "sent_at") if act.sent_at else act.instant(now)
    if at < period.started_at:
        on = format_date(c.calendar.day_of(period.started_at))
        raise RefusedError(
            Code.BEFORE_CLOCK, f"sent_at: it lies before the complaint reached {c.policy.title_of(period.tier)} ({on})."
        )
    return at


def refuse_unreachable(c: ComplaintState, act: LetterAct) -> None:
    """Refuse a channel for which the complainant gave no address, where the product sends."""
    addresses = {Channel.EMAIL: c.form.complainant.email, Channel.POST: c.form.complainant.address}
    if act.sent_at is None and act.channel and not addresses[act.channel]:
        prefers = c.form.complainant.prefers
        raise RefusedError(
            Code.NO_ADDRESS, f"channel: the complainant gave no address for {act.channel}; give {prefers}."
        )
