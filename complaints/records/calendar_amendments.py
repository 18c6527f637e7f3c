"""Read and write `calendar_amendments`; read the calendars in `complaints` (R14)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import Select, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.procedure.enums import Status
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.records import tables
from complaints.records.database import translate_database_errors

_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('calendar_amendments'))")
"""Held until commit, so that a region's numbers have no gaps and no duplicates."""


async def list_amendments(engine: AsyncEngine, region: str) -> Sequence[Amendment]:
    """List a region's amendments by number. Raises RecordUnreachableError."""
    table = tables.calendar_amendments
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(select(table).where(table.c.region == region).order_by(table.c.number))
            return [Amendment.model_validate(dict(row)) for row in rows.mappings()]


async def add_amendment(
    engine: AsyncEngine, *, region: str, on: date, name: str | None, by: str, at: datetime, reason: str
) -> Amendment:
    """Append an amendment; `name` None strikes the holiday. Raises RecordUnreachableError."""
    table = tables.calendar_amendments
    last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.region == region)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_TAKE_LOCK)
            row = {"region": region, "number": (await connection.scalar(last) or 0) + 1, "on": on, "name": name}
            row |= {"by": by, "at": at, "reason": reason}
            await connection.execute(insert(table).values(row))
            return Amendment.model_validate(row)


class ComplaintCalendar(BaseModel):
    """The policy and the calendar of a complaint, as last recorded."""

    reference: str
    tier: str | None
    policy: SharedPolicy
    calendar: SharedCalendar


async def list_calendars_in_use(engine: AsyncEngine, *, after: str, limit: int) -> list[ComplaintCalendar]:
    """List the calendars of complaints that are open or have an undertaking to carry out.

    Ordered by reference, from the first one after `after`. Raises RecordUnreachableError.
    """
    complaint, undertaking = tables.complaints, tables.undertakings
    to_carry_out = exists().where(
        undertaking.c.reference == complaint.c.reference,
        tables.OPEN_UNDERTAKING,
    )
    is_open = or_(complaint.c.status != str(Status.CLOSED), to_carry_out)
    statement = _select_calendars().where(complaint.c.reference > after, is_open)
    return await _read(engine, statement.order_by(complaint.c.reference).limit(limit))


async def list_calendars(engine: AsyncEngine, references: Collection[str]) -> list[ComplaintCalendar]:
    """List the calendars of these complaints. Raises RecordUnreachableError."""
    return await _read(engine, _select_calendars().where(tables.complaints.c.reference.in_(references)))


def _select_calendars() -> Select[tuple[str, str | None, object, object]]:
    complaint = tables.complaints
    return select(
        complaint.c.reference,
        complaint.c.tier,
        tables.policies.c.content.label("policy"),
        tables.calendars.c.content.label("calendar"),
    ).select_from(complaint.join(tables.policies).join(tables.calendars))


async def _read(
    engine: AsyncEngine, statement: Select[tuple[str, str | None, object, object]]
) -> list[ComplaintCalendar]:
    with translate_database_errors():
        async with engine.connect() as connection:
            return [
                ComplaintCalendar.model_validate(dict(row)) for row in (await connection.execute(statement)).mappings()
            ]
