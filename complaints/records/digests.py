"""Read a lead's morning digest from the record."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, RowMapping, Table, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.digest import Digest, DigestRequest, DueItem, HeldMessage, NewItem, OverdueItem, UnheldItem
from complaints.procedure.dates.deadlines import Deadline, deadline_label
from complaints.procedure.enums import DeadlineKind, EventKind, Status
from complaints.procedure.state_parts import Undertaking
from complaints.procedure.steps.holder import AWAITING_STAFF
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


async def build_digest(engine: AsyncEngine, request: DigestRequest) -> Digest:
    """Build a tier's digest of one morning. Raises RecordUnreachableError."""
    steps = request.steps
    with translate_database_errors():
        async with engine.connect() as connection:
            due = await _read_due(connection, request)
            return Digest(
                tier=request.tier,
                day=request.day,
                leads=await list_recipients(connection, f"lead:{request.tier}", request.day),
                new=[NewItem.model_validate(row) for row in await _read_new(connection, request)],
                unheld=[UnheldItem.model_validate(row) for row in await _read_unheld(connection, steps)],
                due=[item for item in due if item.due_on == request.day],
                due_tomorrow=[item for item in due if item.due_on > request.day],
                overdue=await _read_overdue(connection, steps),
                held=[HeldMessage.model_validate(row) for row in await _read_held(connection, steps)],
            )


async def _read_new(connection: AsyncConnection, request: DigestRequest) -> Sequence[RowMapping]:
    """Read the complaints that have reached the tier since the last digest, and are still there."""
    event, complaint = tables.events, tables.complaints
    statement = (
        select(complaint.c.reference, complaint.c.holder)
        .join(event, event.c.reference == complaint.c.reference)
        .where(
            event.c.kind == EventKind.TIER_REACHED.value,
            event.c.detail["tier"].astext.in_(request.steps),
            event.c.at > request.since,
            event.c.at <= request.until,
            complaint.c.tier == event.c.detail["tier"].astext,
            complaint.c.status != Status.CLOSED.value,
        )
        .distinct()
        .order_by(complaint.c.reference)
    )
    return (await connection.execute(statement)).mappings().all()


async def _read_unheld(connection: AsyncConnection, steps: Sequence[str]) -> Sequence[RowMapping]:
    deadline, complaint = tables.deadlines, tables.complaints
    due_on = (
        select(func.min(deadline.c.due_on))
        .where(deadline.c.reference == complaint.c.reference, _is_running(deadline))
        .scalar_subquery()
    )
    statement = (
        select(complaint.c.reference, due_on.label("due_on"))
        .where(
            complaint.c.tier.in_(steps), complaint.c.holder.is_(None), complaint.c.status.in_(sorted(AWAITING_STAFF))
        )
        .order_by(complaint.c.reference)
    )
    return (await connection.execute(statement)).mappings().all()


async def _read_due(connection: AsyncConnection, request: DigestRequest) -> list[DueItem]:
    """Read what is due on the day or by the end of the next working day."""
    deadline, undertaking, complaint = tables.deadlines, tables.undertakings, tables.complaints
    columns = complaint.c.reference, complaint.c.holder
    deadlines = (
        select(*columns, deadline.c.kind, deadline.c.recommendation, deadline.c.due_on)
        .join(complaint, complaint.c.reference == deadline.c.reference)
        .where(
            deadline.c.tier.in_(request.steps),
            deadline.c.due_on.between(request.day, request.tomorrow),
            _is_running(deadline),
        )
        .order_by(complaint.c.reference, deadline.c.number)
    )
    undertakings = (
        select(*columns, undertaking.c.number, undertaking.c.by)
        .join(complaint, complaint.c.reference == undertaking.c.reference)
        .where(
            complaint.c.tier.in_(request.steps),
            undertaking.c.by.between(request.day, request.tomorrow),
            tables.OPEN_UNDERTAKING,
        )
        .order_by(complaint.c.reference, undertaking.c.number)
    )
    items = [
        DueItem(reference=reference, holder=holder, what=deadline_label(DeadlineKind(kind), number), due_on=due_on)
        for reference, holder, kind, number, due_on in await connection.execute(deadlines)
    ]
    items += [
        DueItem(reference=reference, holder=holder, what=f"undertaking {number}", due_on=by)
        for reference, holder, number, by in await connection.execute(undertakings)
    ]
    return sorted(items, key=lambda item: (item.due_on, item.reference))


def _is_running(deadline: Table) -> ColumnElement[bool]:
    return and_(deadline.c.met_at.is_(None), deadline.c.ended_at.is_(None))


async def _read_overdue(connection: AsyncConnection, steps: Sequence[str]) -> list[OverdueItem]:
    complaint = tables.complaints
    parts = (complaint.c.state[name].label(name) for name in ("deadlines", "undertakings"))
    statement = (
        select(complaint.c.reference, complaint.c.holder, *parts)
        .where(complaint.c.tier.in_(steps), complaint.c.overdue)
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


async def _read_held(connection: AsyncConnection, steps: Sequence[str]) -> Sequence[RowMapping]:
    delivery, complaint = tables.deliveries, tables.complaints
    statement = (
        select(delivery.c.reference, delivery.c.sequence, delivery.c.to, delivery.c.why)
        .join(complaint, complaint.c.reference == delivery.c.reference)
        .where(complaint.c.tier.in_(steps), delivery.c.held_at.is_not(None))
        .order_by(delivery.c.reference, delivery.c.sequence, delivery.c.to)
    )
    return (await connection.execute(statement)).mappings().all()
