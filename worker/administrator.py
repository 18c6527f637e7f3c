"""Enter the first administrator of a record: nobody could do so through the service."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.dates.calendar import zone
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.policy import Policy
from complaints.records.directory import read_members
from complaints.records.staff import SystemNameError, update_members
from complaints.staff.members import InvalidMemberError, Member

OPERATOR = "operator"
"""The actor on the record of what the operator of the servers does."""


class NoAdministratorError(Exception):
    """No administrator was entered; the message says why."""


async def enter_administrator(
    engine: AsyncEngine, policy: Policy, fields: Mapping[str, str], at: datetime, *, another: bool
) -> Member:
    """Add a member with the role, or give it to the member with this id.

    `fields` are id, name and email. `another`: also where somebody active has the role.
    Raises NoAdministratorError, RecordUnreachableError.
    """
    staff = fields["id"].lower()
    today = at.astimezone(zone(policy.time_zone)).date()
    active = [
        member.id
        for member in (await read_members(engine)).values()
        if OfficeRole.ADMINISTRATOR in member.roles and member.authority.is_active(today)
    ]
    if active and not another:
        raise NoAdministratorError(
            f"{', '.join(active)} can enter administrators: complaints staff add ID --role administrator. "
            "If nobody can sign in as one, give --another."
        )

    def make_member(members: Mapping[str, Member]) -> Iterable[Member]:
        before = members.get(staff)
        roles = (*(before.roles if before else ()), OfficeRole.ADMINISTRATOR)
        return [Member.of({**fields, "roles": roles}, policy, before)]

    try:
        await update_members(engine, [staff], make_member, at=at, by=OPERATOR)
    except InvalidMemberError as error:
        raise NoAdministratorError("\n".join(error.errors)) from None
    except SystemNameError as error:
        raise NoAdministratorError(f"id: {error}") from None
    return (await read_members(engine))[staff]
