"""Read a lead's morning digest from `deadlines`, `complaints` and `deliveries`."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.digest import Digest, DueItem, HeldMessage, OverdueItem
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.state_parts import Undertaking
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.directory import list_recipients


async def list_tiers(engine: AsyncEngine) -> list[str]:
    """List the tiers at which there is a complaint. Raises RecordUnreachableError."""
    table = tables.complaints
    with translate_database_errors():
        async with engine.connect() as connection:
            statement = select(table.c.tier).where(table.c.tier.is_not(None)).distinct().order_by(table.c.tier)
            return list(await connection.scalars(statement))


async def build_digest(engine: AsyncEngine, tier: str, day: date) -> Digest:
    """Build a tier's digest: due on the day, overdue, and held. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return Digest(
                tier=tier,
                day=day,
                leads=await list_recipients(connection, f"lead:{tier}", day),
                due=[DueItem.model_validate(row) for row in await _read_due(connection, tier, day)],
                overdue=await _read_overdue(connection, tier),
                held=[HeldMessage.model_validate(row) for row in await _read_held(connection, tier)],
            )


async def _read_due(connection: AsyncConnection, tier: str, day: date) -> Sequence[RowMapping]:
    deadline, complaint = tables.deadlines, tables.complaints
    is_running = and_(deadline.c.met_at.is_(None), deadline.c.ended_at.is_(None))
    statement = (
        select(complaint.c.reference, complaint.c.holder, deadline.c.kind, deadline.c.recommendation)
        .join(complaint, complaint.c.reference == deadline.c.reference)
        .where(deadline.c.tier == tier, deadline.c.due_on == day, is_running)
        .order_by(complaint.c.reference, deadline.c.number)
    )
    return (await connection.execute(statement)).mappings().all()


async def _read_overdue(connection: AsyncConnection, tier: str) -> list[OverdueItem]:
    complaint = tables.complaints
    parts = (complaint.c.state[name].label(name) for name in ("deadlines", "undertakings"))
    statement = (
        select(complaint.c.reference, complaint.c.holder, *parts)
        .where(complaint.c.tier == tier, complaint.c.overdue)
        .order_by(complaint.c.reference)
    )
    return [
        OverdueItem(reference=row["reference"], holder=row["holder"], what=what, due_on=due_on)
        for row in (await connection.execute(statement)).mappings()
        for what, due_on in _overdue_items(row)
    ]


def _overdue_items(row: RowMapping) -> Iterator[tuple[str, date]]:
    for deadline in map(Deadline.model_validate, row["deadlines"]):
        if deadline.is_overdue:
            yield deadline.label, deadline.due_on
    for undertaking in map(Undertaking.model_validate, row["undertakings"]):
        if undertaking.is_overdue:
            yield f"undertaking {undertaking.number}", undertaking.by


async def _read_held(connection: AsyncConnection, tier: str) -> Sequence[RowMapping]:
    delivery, complaint = tables.deliveries, tables.complaints
    statement = (
        select(delivery.c.reference, delivery.c.sequence, delivery.c.to, delivery.c.why)
        .join(complaint, complaint.c.reference == delivery.c.reference)
        .where(complaint.c.tier == tier, delivery.c.held_at.is_not(None))
        .order_by(delivery.c.reference, delivery.c.sequence, delivery.c.to)
    )
    return (await connection.execute(statement)).mappings().all()
