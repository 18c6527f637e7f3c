"""Erase and anonymise again on a record that was restored to an older state."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.procedure.enums import Status
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.erasure import create_tombstone, erase, find_tombstone
from complaints.records.tombstone import TombstoneKind


async def is_to_be_erased(engine: AsyncEngine, erasure: ErasureRequest) -> bool:
    """Check whether the record has the complaint, and not erased.

    A complaint opened after the erasure is another one. Raises RecordUnreachableError.
    """
    table, tombstone = tables.complaints, tables.tombstones
    is_done = exists().where(
        tombstone.c.reference == table.c.reference,
        tombstone.c.kind == TombstoneKind.ERASED,
        tombstone.c.done_at.is_not(None),
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            found = select(table.c.reference).where(table.c.reference == erasure.reference, ~is_done)
            return await connection.scalar(found.where(table.c.opened_at < erasure.asked_at)) is not None


async def is_erased(engine: AsyncEngine, reference: str) -> bool:
    """Check whether a complaint is marked for erasure: nothing of it is recorded any more.

    Raises RecordUnreachableError.
    """
    tombstone = await find_tombstone(engine, reference)
    return tombstone is not None and tombstone.kind is TombstoneKind.ERASED


async def erase_again(engine: AsyncEngine, erasure: ErasureRequest, at: datetime) -> None:
    """Erase a complaint on the record, and close it if it is open there.

    Its workflow is erased, so nothing else would close it. Raises RecordUnreachableError.
    """
    await create_tombstone(engine, erasure.reference, erasure.asked_at, erasure.by, erasure.why)
    with translate_database_errors():
        async with engine.begin() as connection:
            await _close(connection, erasure)
    await erase(engine, erasure.reference, at)


async def list_erased(engine: AsyncEngine) -> Sequence[str]:
    """List the references of erased complaints. Raises RecordUnreachableError."""
    table = tables.tombstones
    erased = select(table.c.reference).where(table.c.kind == TombstoneKind.ERASED, table.c.done_at.is_not(None))
    with translate_database_errors():
        async with engine.connect() as connection:
            return (await connection.scalars(erased.order_by(table.c.reference))).all()


async def list_to_anonymise(engine: AsyncEngine, references: Collection[str], at: datetime) -> Sequence[str]:
    """List complaints that closed before `at` and have no tombstone.

    Raises RecordUnreachableError.
    """
    table = tables.complaints
    has_tombstone = exists().where(tables.tombstones.c.reference == table.c.reference)
    statement = select(table.c.reference).where(table.c.reference.in_(references), table.c.closed_at < at)
    with translate_database_errors():
        async with engine.connect() as connection:
            return (await connection.scalars(statement.where(~has_tombstone).order_by(table.c.reference))).all()


async def _close(connection: AsyncConnection, erasure: ErasureRequest) -> None:
    """Close a complaint that the record has open, with its deadlines; no event says so."""
    table, deadlines = tables.complaints, tables.deadlines
    closing = {"at": erasure.closed_at.isoformat(), "reason": erasure.closing_reason}
    view = {"closed_at": closing["at"], "closing_reason": closing["reason"], **_NOTHING_DUE}
    closings = func.jsonb_build_object("closings", table.c.state["closings"].concat([closing]))
    is_open = await connection.execute(
        update(table)
        .where(table.c.reference == erasure.reference, table.c.closed_at.is_(None))
        .values(
            status=Status.CLOSED,
            closed_at=erasure.closed_at,
            closing_reason=erasure.closing_reason,
            next_due_at=None,
            due_at=None,
            window_ends_at=None,
            overdue=False,
            view=table.c.view.concat(view),
            state=table.c.state.concat({"status": Status.CLOSED}).concat(closings),
        )
    )
    if is_open.rowcount:
        is_running = deadlines.c.met_at.is_(None) & deadlines.c.lapsed_at.is_(None) & deadlines.c.ended_at.is_(None)
        ended = update(deadlines).where(deadlines.c.reference == erasure.reference, is_running)
        await connection.execute(ended.values(ended_at=erasure.closed_at))


_NOTHING_DUE = {
    "status": Status.CLOSED,
    "window_ends_at": None,
    **dict.fromkeys(("next_due_at", "next_due", "due", "due_on", "due_at")),
    "overdue": False,
}
