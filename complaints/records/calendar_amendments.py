"""What is added to each region's bank holidays and struck from them, by whom and why."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import Select, and_, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.procedure.enums import Status
from complaints.procedure.interning import SharedCalendar, SharedPolicy
from complaints.records import tables
from complaints.records.database import translate_database_errors

_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('calendar_amendments'))")
"""Two who amend at once take turns: a region's numbers have no gaps."""


async def amendments_of(engine: AsyncEngine, region: str) -> Sequence[Amendment]:
    """In the order of their numbers. Raises RecordUnreachableError."""
    table = tables.calendar_amendments
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(select(table).where(table.c.region == region).order_by(table.c.number))
            return [Amendment.model_validate(dict(row)) for row in rows.mappings()]


async def amend(
    engine: AsyncEngine, *, region: str, on: date, name: str | None, by: str, at: datetime, reason: str
) -> Amendment:
    """Add to a region's list. Raises RecordUnreachableError."""
    table = tables.calendar_amendments
    last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.region == region)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_IN_TURN)
            row = {"region": region, "number": (await connection.scalar(last) or 0) + 1, "on": on, "name": name}
            row |= {"by": by, "at": at, "reason": reason}
            await connection.execute(insert(table).values(row))
            return Amendment.model_validate(row)


class Carried(BaseModel):
    """By what a complaint's dates are counted, as it was last recorded."""

    reference: str
    tier: str | None
    policy: SharedPolicy
    calendar: SharedCalendar


async def carried_by_open(engine: AsyncEngine, *, after: str, limit: int) -> list[Carried]:
    """Of complaints that still have dates to come: the open ones, and the closed with something to carry out.

    In the order of their references, from the first after `after`. Raises RecordUnreachableError.
    """
    complaint, undertaking = tables.complaints, tables.undertakings
    to_carry_out = exists().where(
        and_(undertaking.c.reference == complaint.c.reference, undertaking.c.carried_out_at.is_(None))
    )
    is_open = or_(complaint.c.status != str(Status.CLOSED), to_carry_out)
    wanted = _carried().where(complaint.c.reference > after, is_open)
    return await _read(engine, wanted.order_by(complaint.c.reference).limit(limit))


async def carried_by(engine: AsyncEngine, references: Collection[str]) -> list[Carried]:
    """Raises RecordUnreachableError."""
    return await _read(engine, _carried().where(tables.complaints.c.reference.in_(references)))


def _carried() -> Select[tuple[str, str | None, object, object]]:
    complaint = tables.complaints
    return select(
        complaint.c.reference,
        complaint.c.tier,
        complaint.c.state["policy"].label("policy"),
        complaint.c.state["calendar"].label("calendar"),
    )


async def _read(engine: AsyncEngine, wanted: Select[tuple[str, str | None, object, object]]) -> list[Carried]:
    with translate_database_errors():
        async with engine.connect() as connection:
            return [Carried.model_validate(dict(row)) for row in (await connection.execute(wanted)).mappings()]
