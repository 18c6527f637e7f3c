"""How all complaints stand together, in one cheap query: for those who watch over the whole."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import Status
from complaints.records import tables
from complaints.records.database import translate_database_errors

OPEN = [str(status) for status in Status if status is not Status.CLOSED]


class Group(BaseModel):
    """The complaints of one tier and status; `tier` is None before the first tier."""

    tier: str | None
    status: Status
    open: int
    overdue: int
    """As their lapses said; closed complaints with an undertaking past its date are among them."""


class ComplaintTotals(BaseModel):
    """The groups that are not empty, and the next instant at which anything is due; None: nothing is."""

    groups: list[Group]
    oldest_due_at: datetime | None


async def standing(engine: AsyncEngine) -> ComplaintTotals:
    """Reads no closed complaint but those overdue. Raises RecordUnreachableError, RecordError."""
    table = tables.complaints
    is_open = table.c.status.in_(OPEN)
    with translate_database_errors():
        async with engine.connect() as connection:
            groups = await connection.execute(
                select(
                    table.c.tier,
                    table.c.status,
                    func.count().filter(is_open).label("open"),
                    func.count().filter(table.c.overdue).label("overdue"),
                )
                .where(or_(is_open, table.c.overdue))
                .group_by(table.c.tier, table.c.status)
            )
            oldest = await connection.scalar(select(func.min(table.c.next_due_at)))
            return ComplaintTotals(
                groups=[Group.model_validate(dict(row)) for row in groups.mappings()], oldest_due_at=oldest
            )


async def answer(engine: AsyncEngine) -> None:
    """Returns when PostgreSQL answers. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execute(text("SELECT"))
