"""Count open and overdue complaints, and letters that have not gone, for metrics."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import Status
from complaints.records import tables
from complaints.records.database import translate_database_errors

OPEN_STATUSES = [str(status) for status in Status if status is not Status.CLOSED]


class TotalsGroup(BaseModel):
    """The complaints of one tier and status; `tier` is None before the first tier."""

    tier: str | None
    status: Status
    open: int
    overdue: int
    """Includes closed complaints with an overdue undertaking."""


class ComplaintTotals(BaseModel):
    """The groups that are not empty, and the earliest due instant; None: nothing is due."""

    groups: list[TotalsGroup]
    oldest_due_at: datetime | None


async def read_totals(engine: AsyncEngine) -> ComplaintTotals:
    """Count complaints by tier and status; reads closed ones only if overdue.

    Raises RecordUnreachableError, RecordError.
    """
    table = tables.complaints
    is_open = table.c.status.in_(OPEN_STATUSES)
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
                groups=[TotalsGroup.model_validate(dict(row)) for row in groups.mappings()], oldest_due_at=oldest
            )


class LetterTotals(BaseModel):
    """The letters and alerts of one channel that have not gone."""

    channel: str
    waiting: int
    held: int
    oldest_owed_at: datetime | None
    """When the oldest waiting one became owed; None: none waits."""


async def read_letter_totals(engine: AsyncEngine) -> list[LetterTotals]:
    """Count letters and alerts by channel; reads only those that have not gone.

    Raises RecordUnreachableError, RecordError.
    """
    table = tables.deliveries
    is_waiting = table.c.held_at.is_(None)
    statement = (
        select(
            table.c.channel,
            func.count().filter(is_waiting).label("waiting"),
            func.count().filter(~is_waiting).label("held"),
            func.min(table.c.owed_at).filter(is_waiting).label("oldest_owed_at"),
        )
        .where(table.c.sent_at.is_(None))
        .group_by(table.c.channel)
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).mappings()
            return [LetterTotals.model_validate(dict(row)) for row in rows]


async def ping(engine: AsyncEngine) -> None:
    """Return when PostgreSQL answers. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execute(text("SELECT"))
