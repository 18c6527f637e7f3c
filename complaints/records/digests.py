"""What a tier's lead has to know in the morning: what is due today, what is overdue, what could not be sent."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.digest import Digest, DueItem, HeldMessage, OverdueItem
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.state_parts import Undertaking
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.directory import addressed


async def tiers(engine: AsyncEngine) -> list[str]:
    """Those at which there is a complaint. Raises RecordUnreachableError."""
    table = tables.complaints
    with translate_database_errors():
        async with engine.connect() as connection:
            wanted = select(table.c.tier).where(table.c.tier.is_not(None)).distinct().order_by(table.c.tier)
            return list(await connection.scalars(wanted))


async def digest_of(engine: AsyncEngine, tier: str, day: date) -> Digest:
    """Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return Digest(
                tier=tier,
                day=day,
                leads=await addressed(connection, f"lead:{tier}", day),
                due=[DueItem.model_validate(row) for row in await _due(connection, tier, day)],
                overdue=await _overdue(connection, tier),
                held=[HeldMessage.model_validate(row) for row in await _held(connection, tier)],
            )


async def _due(connection: AsyncConnection, tier: str, day: date) -> Sequence[RowMapping]:
    deadline, complaint = tables.deadlines, tables.complaints
    runs = and_(deadline.c.met_at.is_(None), deadline.c.ended_at.is_(None))
    wanted = (
        select(complaint.c.reference, complaint.c.holder, deadline.c.kind, deadline.c.recommendation)
        .join(complaint, complaint.c.reference == deadline.c.reference)
        .where(deadline.c.tier == tier, deadline.c.due_on == day, runs)
        .order_by(complaint.c.reference, deadline.c.number)
    )
    return (await connection.execute(wanted)).mappings().all()


async def _overdue(connection: AsyncConnection, tier: str) -> list[OverdueItem]:
    complaint = tables.complaints
    parts = (complaint.c.state[name].label(name) for name in ("deadlines", "undertakings"))
    wanted = (
        select(complaint.c.reference, complaint.c.holder, *parts)
        .where(complaint.c.tier == tier, complaint.c.overdue)
        .order_by(complaint.c.reference)
    )
    return [
        OverdueItem(reference=row["reference"], holder=row["holder"], what=what, due_on=due_on)
        for row in (await connection.execute(wanted)).mappings()
        for what, due_on in _overdue_in(row)
    ]


def _overdue_in(row: RowMapping) -> Iterator[tuple[str, date]]:
    for deadline in map(Deadline.model_validate, row["deadlines"]):
        if deadline.is_overdue:
            yield deadline.words, deadline.due_on
    for undertaking in map(Undertaking.model_validate, row["undertakings"]):
        if undertaking.is_overdue:
            yield f"undertaking {undertaking.number}", undertaking.by


async def _held(connection: AsyncConnection, tier: str) -> Sequence[RowMapping]:
    delivery, complaint = tables.deliveries, tables.complaints
    wanted = (
        select(delivery.c.reference, delivery.c.sequence, delivery.c.to, delivery.c.why)
        .join(complaint, complaint.c.reference == delivery.c.reference)
        .where(complaint.c.tier == tier, delivery.c.held_at.is_not(None))
        .order_by(delivery.c.reference, delivery.c.sequence, delivery.c.to)
    )
    return (await connection.execute(wanted)).mappings().all()
