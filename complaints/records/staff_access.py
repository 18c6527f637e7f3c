"""Read who may sign in: the staff directory, who is to be confirmed, and sign-outs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.directory import read_members
from complaints.records.restores.marks import list_unconfirmed
from complaints.records.tables import signed_out
from complaints.staff.members import Member


@dataclass(frozen=True)
class StaffAccess:
    """The directory, as far as signing in needs it."""

    members: dict[str, Member] = field(default_factory=dict)
    """By id."""
    unconfirmed: frozenset[str] = frozenset()
    """Ids that nobody has confirmed since the record was restored."""
    signed_out: Mapping[str, int] = field(default_factory=dict)
    """By session: its access tokens that were issued up to this instant (seconds since 1970) are not valid."""


async def read_staff_access(engine: AsyncEngine) -> StaffAccess:
    """Read all members. Raises RecordUnreachableError, RecordError."""
    members, unconfirmed = await read_members(engine), await list_unconfirmed(engine, "staff")
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(select(signed_out.c.session, signed_out.c.issued_until))
            return StaffAccess(members, frozenset(unconfirmed), {row.session: row.issued_until for row in rows})


async def sign_out(engine: AsyncEngine, session: str, issued_until: int, ends_at: datetime) -> None:
    """Make a session's tokens invalid, up to one. Raises RecordUnreachableError, RecordError."""
    insertion = insert(signed_out).values(session=session, issued_until=issued_until, ends_at=ends_at)
    later = {name: func.greatest(signed_out.c[name], insertion.excluded[name]) for name in ("issued_until", "ends_at")}
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(insertion.on_conflict_do_update(index_elements=["session"], set_=later))


async def forget_sign_outs(engine: AsyncEngine, now: datetime) -> None:
    """Delete sign-outs of which all tokens have expired.

    Raises RecordUnreachableError, RecordError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(delete(signed_out).where(signed_out.c.ends_at < now))
