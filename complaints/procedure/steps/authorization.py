"""R11: who may do which act. Checked before an act changes anything.

A refusal for want of authority is recorded, and the tier's lead is alerted.
"""

from collections.abc import Callable
from datetime import date, datetime
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple

from complaints.procedure.acts import (
    Act,
    AnswerRecommendation,
    ChangePolicy,
    Classify,
    CloseInError,
    Correct,
    KeyedAct,
    Reassign,
    ReassignUndertaking,
    TierLetterAct,
)
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.directory_lookup import NOT_CHECKED, DirectoryResult, NotChecked, StaffAuthority
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM, Permission
from complaints.procedure.policy import CaseHandlerStep, Tier
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps.administration import check_administration, check_leads_a_tier, check_not_case_handler
from complaints.procedure.steps.letters.delivery_reports import check_delivery, reported_letter
from complaints.procedure.steps.tier_letters import tier_period_of_letter
from complaints.procedure.steps.undertaking_authorization import (
    UNDERTAKING_ACTS,
    check_answering_lead,
    check_new_owner,
    check_owner_or_lead,
    find_undertaking,
    unauthorised,
)

Step = Tier | CaseHandlerStep

ACTS_AT_A_TIER = {
    Permission.STAFF_HERE,
    Permission.CASE_HANDLER,
    Permission.REVIEWER,
    Permission.HOLDER_OR_LEAD,
}
"""Permissions of the acts that the holder would usually do."""


def staff_ids_to_check(act: Act) -> tuple[str, ...]:
    """List the ids to look up in the staff directory; none, where the product itself acts."""
    if reported_letter(act) is not None:
        return ()
    if isinstance(act, KeyedAct):
        return (act.by, act.on_behalf_of) if act.on_behalf_of else (act.by,)
    return (act.by, act.to) if isinstance(act, (Reassign, ReassignUndertaking)) else (act.by,)


def is_known(staff: str | None, directory: DirectoryResult | NotChecked) -> bool:
    """Return whether the id is the product's own or in the directory, and not made up."""
    if directory is NOT_CHECKED or staff == POST_ROOM:
        return True
    return any(authority.id == staff for authority in directory.authorities)


def check_independence(c: ComplaintState, act: Act, now: datetime) -> None:
    """Check that the actor was not involved at an earlier step. Raises RefusedError.

    The complaint itself knows that: the check needs no directory.
    """
    period = _tier_period_of_act(c, act, now)
    staff = _staff_acting_at_tier(c, act)
    if period and staff:
        _check_not_involved(c, period, staff)
    _check_not_reviewer(c, act)
    if isinstance(act, ChangePolicy):
        check_not_case_handler(c, act.by)


def check_permission(c: ComplaintState, act: Act, now: datetime, directory: DirectoryResult | NotChecked) -> None:
    """Check that the actor is active and has the permission that the act requires.

    Raises RefusedError.
    """
    if directory is NOT_CHECKED:
        return
    if reported_letter(act) is not None:
        check_delivery(act, directory)
        return
    today = c.calendar.day_of(now)
    authorities = [_active_authority(directory, staff, today) for staff in staff_ids_to_check(act)]
    actor, *recipients = authorities
    period = _tier_period_of_act(c, act, now)
    _check_not_system(act, actor)
    PERMISSION_CHECKS[act.requires](AuthorizationContext(c, act, period, actor))
    for recipient in recipients:
        if isinstance(act, ReassignUndertaking):
            check_new_owner(c, act, recipient)
        elif isinstance(act, Reassign):
            _check_role(_step_of(c, period), recipient)


def bypassed_holder(c: ComplaintState, act: Act, now: datetime) -> str | None:
    """Return the holder in whose place somebody else acts at the tier; they get an alert (R11).

    None for acts that do not count as acting at a tier, such as `reassign`.
    """
    period = _tier_period_of_act(c, act, now)
    is_at_tier = act.requires in ACTS_AT_A_TIER or isinstance(act, CloseInError)
    if period is None or isinstance(act, Reassign) or not is_at_tier:
        return None
    if period is c.tier_period and c.is_closed and not isinstance(act, Correct):
        return None
    return period.holder if period.holder != act.by else None


def check_lead(directory: DirectoryResult, staff: str, on: date) -> None:
    """Check that the member of staff is active on the day and leads a tier. Raises RefusedError."""
    check_leads_a_tier(_active_authority(directory, staff, on))


class AuthorizationContext(NamedTuple):
    """The act to check, its actor, and the tier period in which it is done."""

    c: ComplaintState
    act: Act
    tier_period: TierPeriod | None
    actor: StaffAuthority


def _tier_period_of_act(c: ComplaintState, act: Act, now: datetime) -> TierPeriod | None:
    """Return the tier period in which the act is done.

    None before the first one, and where a letter names a tier that the complaint has not reached.
    """
    if isinstance(act, TierLetterAct):
        return tier_period_of_letter(c, act, now)
    return c.tier_period if c.tier_periods else None


def _step_of(c: ComplaintState, period: TierPeriod | None) -> Step | None:
    return c.policy.step(period.tier) if period else None


def _staff_acting_at_tier(c: ComplaintState, act: Act) -> str | None:
    """Return who acts, or is to act, at the tier; to reassign does not count as acting."""
    if isinstance(act, Reassign):
        return act.to
    if act.requires is Permission.REVIEWER:
        return act.by if c.tier and c.tier.review else None
    if isinstance(act, Correct):
        return act.by if c.tier_periods and c.tier_period.replied_at else None
    return act.by if act.requires is Permission.STAFF_HERE or isinstance(act, Classify) else None


def _check_not_involved(c: ComplaintState, period: TierPeriod, staff: str) -> None:
    """Refuse the complaint's case handler, and anyone who held it or acted at an earlier tier."""
    if c.policy.case_handler and period.tier == c.policy.case_handler.id:
        return
    title = c.policy.title_of(period.tier)
    if staff == c.form.case.handler:
        raise unauthorised(Code.WAS_CASE_HANDLER, f"{staff} was the case handler and cannot act as {title}.")
    for earlier in takewhile(lambda each: each is not period, c.tier_periods):
        if staff in earlier.involved and earlier.tier != period.tier:
            raise unauthorised(
                Code.ACTED_EARLIER,
                f"{staff} dealt with the complaint as {c.policy.title_of(earlier.tier)} and cannot act as {title}.",
            )


def _check_not_reviewer(c: ComplaintState, act: Act) -> None:
    """Refuse the author of the opinion: recommendations are for the service (R8)."""
    if isinstance(act, UNDERTAKING_ACTS):
        undertaking = find_undertaking(c, act)
        is_of_recommendation = undertaking is not None and undertaking.recommendation is not None
    else:
        is_of_recommendation = isinstance(act, AnswerRecommendation) and bool(c.recommendations)
    if is_of_recommendation and act.by in c.tier_period.involved:
        raise unauthorised(Code.WRONG_ROLE, f"{act.by} gave the opinion; the service answers and carries out.")


def _active_authority(directory: DirectoryResult, staff: str, on: date) -> StaffAuthority:
    authority = next((authority for authority in directory.authorities if authority.id == staff), None)
    if authority is None:
        raise unauthorised(Code.UNKNOWN_STAFF, f"{staff} is not in the staff directory.")
    if not authority.is_confirmed:
        command = f"python -m worker confirm {'system' if authority.is_system else 'staff'} {staff}"
        raise RefusedError(Code.UNCONFIRMED, f"{staff} must be confirmed since the record was restored: {command}.")
    if not authority.is_active(on):
        if authority.active_from and on < authority.active_from:
            since = f"active from {format_date(authority.active_from)} only"
        else:
            assert authority.active_until
            since = f"no longer active since {format_date(authority.active_until)}"
        raise unauthorised(Code.INACTIVE_STAFF, f"{staff} is {since}.")
    return authority


def _check_not_system(act: Act, actor: StaffAuthority) -> None:
    if actor.is_system and act.requires not in (Permission.ANYBODY, Permission.POST_ROOM):
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} is a system: it says what happened, and decides nothing.")
    if actor.is_system and isinstance(act, KeyedAct) and act.on_behalf_of:
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} is a system: it acts for nobody else.")


def _check_role(step: Step | None, staff: StaffAuthority) -> None:
    """Check that the member of staff has the step's role; the reviewing tier allows no other."""
    if step is None:
        return
    if step.id not in staff.roles:
        raise unauthorised(Code.WRONG_ROLE, f"{staff.id} does not have the role {step.title}, whose act this is.")
    others = {*staff.roles, *staff.leads} - {step.id}
    if isinstance(step, Tier) and step.review and others:
        held = ", ".join(sorted(others))
        raise unauthorised(
            Code.ASSESSOR_HOLDS_OTHER_ROLE, f"{staff.id} also has {held}; the {step.title} holds no other role."
        )


def _check_reviewer(context: AuthorizationContext) -> None:
    last = context.c.policy.tiers[-1]
    _check_role(last if last.review else None, context.actor)


def _check_holder_or_lead(context: AuthorizationContext) -> None:
    c, actor, tier = context.c, context.actor, _tier_in_charge(context.c)
    if tier.id in actor.leads:
        return
    if actor.id != c.holder:
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} neither holds the complaint nor leads {tier.title}.")
    _check_role(_step_of(c, context.tier_period), actor)


def _check_tier_lead(context: AuthorizationContext) -> None:
    actor, tier = context.actor, _tier_in_charge(context.c)
    if tier.id not in actor.leads:
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} does not lead {tier.title}.")


def _check_receiving_lead(context: AuthorizationContext) -> None:
    actor, tier = context.actor, context.c.next_tier or _tier_in_charge(context.c)
    if tier.id not in actor.leads:
        raise unauthorised(Code.WRONG_ROLE, f"{actor.id} does not lead {tier.title}, whose lead may take it.")


def _check_service_lead(context: AuthorizationContext) -> None:
    actor = context.actor
    if not any(tier.reply and tier.id in actor.leads for tier in context.c.policy.tiers):
        raise unauthorised(
            Code.WRONG_ROLE, f"{actor.id} leads no tier of the service; its leads answer recommendations."
        )


def _check_nothing_further(_: AuthorizationContext) -> None:
    """Accept any active actor."""


PERMISSION_CHECKS: MappingProxyType[Permission, Callable[[AuthorizationContext], None]] = MappingProxyType(
    {
        Permission.STAFF_HERE: lambda at: _check_role(_step_of(at.c, at.tier_period), at.actor),
        Permission.CASE_HANDLER: lambda at: _check_role(at.c.policy.case_handler, at.actor),
        Permission.REVIEWER: _check_reviewer,
        Permission.HOLDER_OR_LEAD: _check_holder_or_lead,
        Permission.LEAD: lambda at: check_leads_a_tier(at.actor),
        Permission.RECEIVING_LEAD: _check_receiving_lead,
        Permission.TIER_LEAD: _check_tier_lead,
        Permission.SERVICE_LEAD: _check_service_lead,
        Permission.OWNER_OR_LEAD: lambda at: check_owner_or_lead(at.c, at.act, at.actor),
        Permission.ANSWERING_LEAD: lambda at: check_answering_lead(at.c, at.act, at.actor),
        Permission.ADMINISTRATION: lambda at: check_administration(at.actor),
        Permission.ANYBODY: _check_nothing_further,
        Permission.POST_ROOM: _check_nothing_further,
    }
)


def _tier_in_charge(c: ComplaintState) -> Tier:
    """Return the tier whose lead answers for the complaint: the current, else the first one."""
    return c.tier or c.policy.tiers[0]
