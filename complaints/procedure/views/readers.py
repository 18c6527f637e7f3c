"""Who has a part in a complaint, and may therefore read people's words (R11)."""

from collections.abc import Iterator

from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import ClosingReason
from complaints.procedure.state import ComplaintState

MAY_BE_TAKEN_LATE = (ClosingReason.OUT_OF_TIME, ClosingReason.NOT_TAKEN_FURTHER, ClosingReason.SETTLED)
"""Reasons for closing after which the lead of the next tier may take the complaint (R7, R9)."""


def readers_of(c: ComplaintState) -> list[str]:
    """List who has a part, as `staff:ID`, `role:TIER` or `lead:TIER`.

    Staff have a part if they held it, acted at one of its steps, are its case handler or own an undertaking. The role
    of the current tier has one, and the leads of tiers that it reached or that may act on it next.
    """
    return list(dict.fromkeys([*_staff(c), *([f"role:{c.tier_id}"] if c.tier_id else []), *c.leads(*_tiers_led(c))]))


def memberships(staff: StaffAuthority) -> list[str]:
    """List a member of staff's own id, roles and tiers led, written as in `readers_of`."""
    return [f"staff:{staff.id}", *(f"role:{role}" for role in staff.roles), *(f"lead:{tier}" for tier in staff.leads)]


def _staff(c: ComplaintState) -> Iterator[str]:
    if c.form.case.handler:
        yield f"staff:{c.form.case.handler}"
    for period in c.tier_periods:
        yield from (f"staff:{each}" for each in (period.holder, *period.involved) if each)
    yield from (f"staff:{undertaking.owner}" for undertaking in c.undertakings)


def _tiers_led(c: ComplaintState) -> Iterator[str]:
    """Yield the tiers whose leads have a part."""
    if c.tier is None:  # with the case handler, or signposted: the first tier's lead answers for it
        yield c.policy.tiers[0].id
    yield from (period.tier for period in c.tier_periods if period.tier in {tier.id for tier in c.policy.tiers})
    for undertaking in c.undertakings:
        yield from undertaking.tiers
    if c.recommendations:
        yield from (tier.id for tier in c.policy.tiers if tier.reply)
    if c.closing and c.closing.reason in MAY_BE_TAKEN_LATE and c.next_tier:
        yield c.next_tier.id
