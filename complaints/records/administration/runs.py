"""Write `runs`: ask for a run, let one workflow claim it, and finish it."""

from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import tables
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.records.tables.runs import RunKind

_EVENTS = {
    RunKind.RECALENDAR: (ChangeKind.RECALENDAR_STARTED, "open complaints"),
    RunKind.RETENTION: (ChangeKind.RETENTION_STARTED, "expired complaints"),
}


class Run(BaseModel):
    """Who asked for a run, and which workflow run carries it out."""

    id: str
    kind: RunKind
    asked_at: datetime
    by: str | None
    """None: its Schedule."""
    workflow_run: str | None
    """Temporal's id; None: no workflow has begun it."""
    finished_at: datetime | None


def scheduled_run_id(kind: RunKind, on: date) -> str:
    """Return the id of a Schedule's run of one day: there is one at most."""
    return f"{kind}/{on}"


async def begin_run(engine: AsyncEngine, kind: RunKind, by: str, at: datetime) -> Run:
    """Note that somebody asks for a run; return it. Raises RecordUnreachableError.

    It replaces the runs that people asked for before and that are not finished.
    """
    table = tables.runs
    run = Run(
        id=f"{kind}/{at:%Y-%m-%dT%H:%M:%S.%fZ}", kind=kind, asked_at=at, by=by, workflow_run=None, finished_at=None
    )
    with translate_database_errors():
        async with engine.begin() as connection:
            replaced = update(table).where(table.c.kind == kind, table.c.by.is_not(None), table.c.finished_at.is_(None))
            await connection.execute(replaced.values(finished_at=at))
            await connection.execute(insert(table).values(run.model_dump()))
            await add_event(connection, *_EVENTS[kind], by=by, at=at)
    return run


async def claim_run(engine: AsyncEngine, run_id: str, workflow_run: str) -> Run | None:
    """Let a workflow run carry out a run, unless another does or it is finished.

    None: it may not. Raises RecordUnreachableError.
    """
    table = tables.runs
    is_free = or_(table.c.workflow_run.is_(None), table.c.workflow_run == workflow_run)
    claimed = update(table).where(table.c.id == run_id, table.c.finished_at.is_(None), is_free)
    with translate_database_errors():
        async with engine.begin() as connection:
            rows = await connection.execute(claimed.values(workflow_run=workflow_run).returning(*table.c))
            row = rows.mappings().one_or_none()
    return Run.model_validate(dict(row)) if row else None


async def claim_scheduled_run(
    engine: AsyncEngine, kind: RunKind, on: date, workflow_run: str, at: datetime
) -> Run | None:
    """Note a Schedule's run of a day, and let a workflow run carry it out.

    None: the day has had its run. Raises RecordUnreachableError.
    """
    run_id = scheduled_run_id(kind, on)
    insertion = insert(tables.runs).values(id=run_id, kind=kind, asked_at=at, workflow_run=workflow_run)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(insertion.on_conflict_do_nothing())
    return await claim_run(engine, run_id, workflow_run)


async def find_run(engine: AsyncEngine, run_id: str) -> Run | None:
    """Find a run; None: nobody asked for it. Raises RecordUnreachableError."""
    table = tables.runs
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(select(table).where(table.c.id == run_id))).mappings().one_or_none()
    return Run.model_validate(dict(row)) if row else None


async def finish_run(engine: AsyncEngine, run_id: str, at: datetime) -> None:
    """Note that a run is finished, so that no workflow goes on with it.

    Raises RecordUnreachableError.
    """
    table = tables.runs
    finished = update(table).where(table.c.id == run_id, table.c.finished_at.is_(None))
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(finished.values(finished_at=at))
