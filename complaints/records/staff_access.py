"""Read who may sign in: the staff directory, and who is unconfirmed after a restore."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.directory import read_members
from complaints.records.restores.marks import list_unconfirmed
from complaints.staff.members import Member


@dataclass(frozen=True)
class StaffAccess:
    """The directory, as far as signing in needs it."""

    members: dict[str, Member] = field(default_factory=dict)
    """By id."""
    unconfirmed: frozenset[str] = frozenset()
    """Ids that nobody has confirmed since the record was restored."""


async def read_staff_access(engine: AsyncEngine) -> StaffAccess:
    """Read all members. Raises RecordUnreachableError, RecordError."""
    return StaffAccess(await read_members(engine), frozenset(await list_unconfirmed(engine, "staff")))
