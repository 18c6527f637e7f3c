"""Who may act (R11). Checked when an act takes effect, before anything changes; a refusal is recorded and alerts."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

from complaints.procedure.acts import Act, AnswerRecommendation, CarryOut, Classify, OfTier, Reassign
from complaints.procedure.dates.date_format import written
from complaints.procedure.directory_lookup import Found, Standing
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM, Actor
from complaints.procedure.policy import CaseHandlerStep, Tier
from complaints.procedure.refusals import Refused
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Stay
from complaints.procedure.steps.tier import stay_of_letter

Part = Tier | CaseHandlerStep


def asked_of(act: Act) -> tuple[str, ...]:
    """Whose standing the staff directory is asked for; nobody's, where the product itself speaks."""
    if act.done_by is Actor.POST_ROOM and act.by == POST_ROOM:
        return ()
    return (act.by, act.to) if isinstance(act, Reassign) else (act.by,)


def refuse_involved(c: ComplaintState, act: Act, now: datetime) -> None:
    """As far as the complaint itself tells. Raises Refused."""
    stay = _stay(c, act, now)
    staff = _acts_at_tier(c, act)
    if stay and staff:
        _refuse_involved(c, stay, staff)
    _refuse_reviewer(c, act)


def refuse_stranger(c: ComplaintState, act: Act, now: datetime, found: Found | None) -> None:
    """As far as the directory tells; nobody, where it was not asked. Raises Refused."""
    if found is None:
        return
    standings = [_standing(found, asked, c.calendar.day_of(now)) for asked in asked_of(act)]
    if standings:
        by, *to = standings
        stay = _stay(c, act, now)
        _refuse_system(act, by)
        ENTITLED[act.done_by](_Deed(c, act, stay, by))
        for other in to:
            _refuse_without_role(_part(c, stay), other)


class _Deed(NamedTuple):
    c: ComplaintState
    act: Act
    stay: Stay | None
    by: Standing


def _stay(c: ComplaintState, act: Act, now: datetime) -> Stay | None:
    """The time at the tier at which the act is done; None before the first, and where a letter is of no such tier."""
    if isinstance(act, OfTier):
        return stay_of_letter(c, act, now)
    return c.stay if c.stays else None


def _part(c: ComplaintState, stay: Stay | None) -> Part | None:
    return c.policy.part(stay.tier) if stay else None


def _acts_at_tier(c: ComplaintState, act: Act) -> str | None:
    """Who acts at the tier by the act, or is to: for whoever gives a complaint to somebody, that does not count."""
    if isinstance(act, Reassign):
        return act.to
    if act.done_by is Actor.REVIEWER:
        return act.by if c.tier and c.tier.review else None
    return act.by if act.done_by is Actor.STAFF_HERE or isinstance(act, Classify) else None


def _refuse_involved(c: ComplaintState, stay: Stay, staff: str) -> None:
    """Nobody acts at a tier who was the case handler, or held the complaint or acted at an earlier tier."""
    if c.policy.case_handler and stay.tier == c.policy.case_handler.id:
        return
    title = c.policy.title_of(stay.tier)
    if staff == c.form.case.handler:
        raise _refused(Code.WAS_CASE_HANDLER, f"{staff} was the case handler and cannot act as {title}.")
    for earlier in takewhile(lambda each: each is not stay, c.stays):
        if staff in earlier.involved and earlier.tier != stay.tier:
            raise _refused(
                Code.ACTED_EARLIER,
                f"{staff} dealt with the complaint as {c.policy.title_of(earlier.tier)} and cannot act as {title}.",
            )


def _refuse_reviewer(c: ComplaintState, act: Act) -> None:
    """A recommendation is answered and carried out by the service, not by whoever made it (R8)."""
    if isinstance(act, CarryOut):
        undertaking = next((u for u in c.undertakings if u.number == act.undertaking), None)
        is_of_recommendation = undertaking is not None and undertaking.recommendation is not None
    else:
        is_of_recommendation = isinstance(act, AnswerRecommendation) and bool(c.recommendations)
    if is_of_recommendation and act.by in c.stay.involved:
        raise _refused(Code.WRONG_ROLE, f"{act.by} gave the opinion; the service answers and carries out.")


def _standing(found: Found, staff: str, on: date) -> Standing:
    """Known, and active on the day."""
    standing = next((standing for standing in found.standings if standing.id == staff), None)
    if standing is None:
        raise _refused(Code.UNKNOWN_STAFF, f"{staff} is not in the staff directory.")
    if not standing.is_active(on):
        if standing.active_from and on < standing.active_from:
            since = f"active from {written(standing.active_from)} only"
        else:
            assert standing.active_until
            since = f"no longer active since {written(standing.active_until)}"
        raise _refused(Code.INACTIVE_STAFF, f"{staff} is {since}.")
    return standing


def _refuse_system(act: Act, by: Standing) -> None:
    if by.is_system and act.done_by not in (Actor.ANYBODY, Actor.POST_ROOM):
        raise _refused(Code.WRONG_ROLE, f"{by.id} is a system: it says what happened, and decides nothing.")


def _refuse_without_role(part: Part | None, staff: Standing) -> None:
    """Only the tier's role acts at a tier; and the Independent Assessor holds no other."""
    if part is None:
        return
    if part.id not in staff.roles:
        raise _refused(Code.WRONG_ROLE, f"{staff.id} does not have the role {part.title}, whose act this is.")
    others = {*staff.roles, *staff.leads} - {part.id}
    if isinstance(part, Tier) and part.review and others:
        held = ", ".join(sorted(others))
        raise _refused(
            Code.ASSESSOR_HOLDS_OTHER_ROLE, f"{staff.id} also has {held}; the {part.title} holds no other role."
        )


def _staff_here(deed: _Deed) -> None:
    _refuse_without_role(_part(deed.c, deed.stay), deed.by)


def _case_handler(deed: _Deed) -> None:
    _refuse_without_role(deed.c.policy.case_handler, deed.by)


def _reviewer(deed: _Deed) -> None:
    last = deed.c.policy.tiers[-1]
    _refuse_without_role(last if last.review else None, deed.by)


def _holder_or_lead(deed: _Deed) -> None:
    c, by, tier = deed.c, deed.by, _tier_in_charge(deed.c)
    if tier.id in by.leads:
        return
    if by.id != c.holder:
        raise _refused(Code.WRONG_ROLE, f"{by.id} neither holds the complaint nor leads {tier.title}.")
    _refuse_without_role(_part(c, deed.stay), by)


def _lead(deed: _Deed) -> None:
    if not deed.by.leads:
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} leads no tier; only a lead may do this.")


def _receiving_lead(deed: _Deed) -> None:
    tier = deed.c.next_tier or _tier_in_charge(deed.c)
    if tier.id not in deed.by.leads:
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} does not lead {tier.title}, whose lead may take it.")


def _service_lead(deed: _Deed) -> None:
    if not any(tier.reply and tier.id in deed.by.leads for tier in deed.c.policy.tiers):
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} leads no tier of the service; its leads answer recommendations.")


def _owner_or_lead(deed: _Deed) -> None:
    assert isinstance(deed.act, CarryOut)
    number = deed.act.undertaking
    undertaking = next((u for u in deed.c.undertakings if u.number == number), None)
    if undertaking and deed.by.id != undertaking.owner and not set(deed.by.leads) & set(undertaking.tiers):
        titles = " or ".join(deed.c.policy.title_of(tier) for tier in undertaking.tiers)
        raise _refused(
            Code.WRONG_ROLE, f"{deed.by.id} neither gave undertaking {number} nor leads {titles}, which answers for it."
        )


def _anybody(_: _Deed) -> None:
    """Whoever is known and active."""


ENTITLED: MappingProxyType[Actor, Callable[[_Deed], None]] = MappingProxyType(
    {
        Actor.STAFF_HERE: _staff_here,
        Actor.CASE_HANDLER: _case_handler,
        Actor.REVIEWER: _reviewer,
        Actor.HOLDER_OR_LEAD: _holder_or_lead,
        Actor.LEAD: _lead,
        Actor.RECEIVING_LEAD: _receiving_lead,
        Actor.SERVICE_LEAD: _service_lead,
        Actor.OWNER_OR_LEAD: _owner_or_lead,
        Actor.STAFF: _anybody,
        Actor.ANYBODY: _anybody,
        Actor.POST_ROOM: _anybody,
    }
)


def _tier_in_charge(c: ComplaintState) -> Tier:
    """The tier whose lead answers for the complaint: before the first one, that one's."""
    return c.tier or c.policy.tiers[0]


def _refused(code: Code, sentence: str) -> Refused:
    return Refused(code, sentence, who_may_act=True)
