"""Who may act (R11). Checked when an act takes effect, before anything changes; a refusal is recorded and alerts."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

from complaints.procedure.acts import Act, AnswerRecommendation, CarryOut, Classify, Reassign, TierLetterAct
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.directory_lookup import NOT_CHECKED, DirectoryResult, NotChecked, StaffAuthority
from complaints.procedure.enums import Alert, Code
from complaints.procedure.permissions import POST_ROOM, Permission
from complaints.procedure.policy import CaseHandlerStep, Tier
from complaints.procedure.refusals import Consequence, RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps.tier import tier_period_of_letter

PolicyPart = Tier | CaseHandlerStep


def staff_ids_to_check(act: Act) -> tuple[str, ...]:
    """Whose standing the staff directory is asked for; nobody's, where the product itself speaks."""
    if act.requires is Permission.POST_ROOM and act.by == POST_ROOM:
        return ()
    return (act.by, act.to) if isinstance(act, Reassign) else (act.by,)


def check_independence(c: ComplaintState, act: Act, now: datetime) -> None:
    """As far as the complaint itself tells. Raises RefusedError."""
    stay = _tier_period(c, act, now)
    staff = _acts_at_tier(c, act)
    if stay and staff:
        _check_not_involved(c, stay, staff)
    _check_not_reviewer(c, act)


def check_permission(c: ComplaintState, act: Act, now: datetime, directory: DirectoryResult | NotChecked) -> None:
    """As far as the directory tells. Raises RefusedError."""
    if directory is NOT_CHECKED:
        return
    standings = [_active_authority(directory, asked, c.calendar.day_of(now)) for asked in staff_ids_to_check(act)]
    if standings:
        by, *to = standings
        stay = _tier_period(c, act, now)
        _check_not_system(act, by)
        PERMISSION_CHECKS[act.requires](AuthorizationContext(c, act, stay, by))
        for other in to:
            _check_role(_part(c, stay), other)


class AuthorizationContext(NamedTuple):
    c: ComplaintState
    act: Act
    stay: TierPeriod | None
    by: StaffAuthority


def _tier_period(c: ComplaintState, act: Act, now: datetime) -> TierPeriod | None:
    """The time at the tier at which the act is done; None before the first, and where a letter is of no such tier."""
    if isinstance(act, TierLetterAct):
        return tier_period_of_letter(c, act, now)
    return c.tier_period if c.tier_periods else None


def _part(c: ComplaintState, stay: TierPeriod | None) -> PolicyPart | None:
    return c.policy.step(stay.tier) if stay else None


def _acts_at_tier(c: ComplaintState, act: Act) -> str | None:
    """Who acts at the tier by the act, or is to: for whoever gives a complaint to somebody, that does not count."""
    if isinstance(act, Reassign):
        return act.to
    if act.requires is Permission.REVIEWER:
        return act.by if c.tier and c.tier.review else None
    return act.by if act.requires is Permission.STAFF_HERE or isinstance(act, Classify) else None


def _check_not_involved(c: ComplaintState, stay: TierPeriod, staff: str) -> None:
    """Nobody acts at a tier who was the case handler, or held the complaint or acted at an earlier tier."""
    if c.policy.case_handler and stay.tier == c.policy.case_handler.id:
        return
    title = c.policy.title_of(stay.tier)
    if staff == c.form.case.handler:
        raise _refused(Code.WAS_CASE_HANDLER, f"{staff} was the case handler and cannot act as {title}.")
    for earlier in takewhile(lambda each: each is not stay, c.tier_periods):
        if staff in earlier.involved and earlier.tier != stay.tier:
            raise _refused(
                Code.ACTED_EARLIER,
                f"{staff} dealt with the complaint as {c.policy.title_of(earlier.tier)} and cannot act as {title}.",
            )


def _check_not_reviewer(c: ComplaintState, act: Act) -> None:
    """A recommendation is answered and carried out by the service, not by whoever made it (R8)."""
    if isinstance(act, CarryOut):
        undertaking = next((u for u in c.undertakings if u.number == act.undertaking), None)
        is_of_recommendation = undertaking is not None and undertaking.recommendation is not None
    else:
        is_of_recommendation = isinstance(act, AnswerRecommendation) and bool(c.recommendations)
    if is_of_recommendation and act.by in c.tier_period.involved:
        raise _refused(Code.WRONG_ROLE, f"{act.by} gave the opinion; the service answers and carries out.")


def _active_authority(found: DirectoryResult, staff: str, on: date) -> StaffAuthority:
    """Known, and active on the day."""
    standing = next((standing for standing in found.authorities if standing.id == staff), None)
    if standing is None:
        raise _refused(Code.UNKNOWN_STAFF, f"{staff} is not in the staff directory.")
    if not standing.is_active(on):
        if standing.active_from and on < standing.active_from:
            since = f"active from {format_date(standing.active_from)} only"
        else:
            assert standing.active_until
            since = f"no longer active since {format_date(standing.active_until)}"
        raise _refused(Code.INACTIVE_STAFF, f"{staff} is {since}.")
    return standing


def _check_not_system(act: Act, by: StaffAuthority) -> None:
    if by.is_system and act.requires not in (Permission.ANYBODY, Permission.POST_ROOM):
        raise _refused(Code.WRONG_ROLE, f"{by.id} is a system: it says what happened, and decides nothing.")


def _check_role(part: PolicyPart | None, staff: StaffAuthority) -> None:
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


def _staff_here(deed: AuthorizationContext) -> None:
    _check_role(_part(deed.c, deed.stay), deed.by)


def _case_handler(deed: AuthorizationContext) -> None:
    _check_role(deed.c.policy.case_handler, deed.by)


def _reviewer(deed: AuthorizationContext) -> None:
    last = deed.c.policy.tiers[-1]
    _check_role(last if last.review else None, deed.by)


def _holder_or_lead(deed: AuthorizationContext) -> None:
    c, by, tier = deed.c, deed.by, _tier_in_charge(deed.c)
    if tier.id in by.leads:
        return
    if by.id != c.holder:
        raise _refused(Code.WRONG_ROLE, f"{by.id} neither holds the complaint nor leads {tier.title}.")
    _check_role(_part(c, deed.stay), by)


def _lead(deed: AuthorizationContext) -> None:
    if not deed.by.leads:
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} leads no tier; only a lead may do this.")


def _receiving_lead(deed: AuthorizationContext) -> None:
    tier = deed.c.next_tier or _tier_in_charge(deed.c)
    if tier.id not in deed.by.leads:
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} does not lead {tier.title}, whose lead may take it.")


def _service_lead(deed: AuthorizationContext) -> None:
    if not any(tier.reply and tier.id in deed.by.leads for tier in deed.c.policy.tiers):
        raise _refused(Code.WRONG_ROLE, f"{deed.by.id} leads no tier of the service; its leads answer recommendations.")


def _owner_or_lead(deed: AuthorizationContext) -> None:
    assert isinstance(deed.act, CarryOut)
    number = deed.act.undertaking
    undertaking = next((u for u in deed.c.undertakings if u.number == number), None)
    if undertaking and deed.by.id != undertaking.owner and not set(deed.by.leads) & set(undertaking.tiers):
        titles = " or ".join(deed.c.policy.title_of(tier) for tier in undertaking.tiers)
        raise _refused(
            Code.WRONG_ROLE, f"{deed.by.id} neither gave undertaking {number} nor leads {titles}, which answers for it."
        )


def _anybody(_: AuthorizationContext) -> None:
    """Whoever is known and active."""


PERMISSION_CHECKS: MappingProxyType[Permission, Callable[[AuthorizationContext], None]] = MappingProxyType(
    {
        Permission.STAFF_HERE: _staff_here,
        Permission.CASE_HANDLER: _case_handler,
        Permission.REVIEWER: _reviewer,
        Permission.HOLDER_OR_LEAD: _holder_or_lead,
        Permission.LEAD: _lead,
        Permission.RECEIVING_LEAD: _receiving_lead,
        Permission.SERVICE_LEAD: _service_lead,
        Permission.OWNER_OR_LEAD: _owner_or_lead,
        Permission.STAFF: _anybody,
        Permission.ANYBODY: _anybody,
        Permission.POST_ROOM: _anybody,
    }
)


def _tier_in_charge(c: ComplaintState) -> Tier:
    """The tier whose lead answers for the complaint: before the first one, that one's."""
    return c.tier or c.policy.tiers[0]


def _refused(code: Code, sentence: str) -> RefusedError:
    return RefusedError(code, sentence, Consequence(alert=Alert.WHO_MAY_ACT))
