"""Find the complaints that need a workflow and have none that runs."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from complaints.procedure.complaint import Complaint
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.queries import read_last_states
from worker.replay.fetch_histories import ALL_RUNS

BATCH_SIZE = 500
MAX_CONCURRENT = 20
"""Workflows that are described at a time."""
MAX_CONFIRMED = 1_000
"""Of more than these, Temporal's list is believed: it lags by seconds only."""
MAYBE_REOPENED = timedelta(days=500)
"""A complaint that closed longer ago is asked only if it has an open undertaking or a window."""

_TABLE = tables.complaints.c
_IS_REMOVED = exists().where(tables.tombstones.c.reference == _TABLE.reference)
_HAS_UNDERTAKING = exists().where(tables.undertakings.c.reference == _TABLE.reference, tables.OPEN_UNDERTAKING)
_IS_OPEN = or_(_TABLE.closed_at.is_(None), _HAS_UNDERTAKING)


class LatestRun(NamedTuple):
    """A complaint's newest run."""

    run_id: str
    status: WorkflowExecutionStatus
    task_queue: str

    @property
    def is_running(self) -> bool:
        return self.status is WorkflowExecutionStatus.RUNNING

    @property
    def fate(self) -> str:
        """Say what became of the run, such as `was terminated`."""
        return _FATES.get(self.status, "runs")


_FATES = {
    WorkflowExecutionStatus.TERMINATED: "was terminated",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.TIMED_OUT: "timed out",
    WorkflowExecutionStatus.CANCELED: "was cancelled",
    WorkflowExecutionStatus.COMPLETED: "has completed",
}


async def find_latest_run(client: Client, reference: str) -> LatestRun | None:
    """Describe a complaint's newest run; None: Temporal has none. Raises RPCError.

    This is exact, while Temporal's list lags.
    """
    try:
        described = await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    assert described.status is not None
    return LatestRun(described.run_id, described.status, described.task_queue)


async def list_not_running(
    client: Client, engine: AsyncEngine, task_queue: str
) -> AsyncIterator[tuple[str, LatestRun | None]]:
    """List the open complaints without a running workflow, with their newest runs.

    A closed complaint with an open undertaking counts as open. Raises RPCError, RecordUnreachableError.
    """
    candidates = await _candidates(client, engine, task_queue)
    for start in range(0, len(candidates), MAX_CONCURRENT):
        batch = candidates[start : start + MAX_CONCURRENT]
        runs = await asyncio.gather(*(find_latest_run(client, reference) for reference in batch))
        for reference, run in zip(batch, runs, strict=True):
            if not is_served(run, task_queue):
                yield reference, run


async def count_not_running(client: Client, engine: AsyncEngine, task_queue: str) -> int:
    """Count as `list_not_running` lists. Raises RPCError, RecordUnreachableError."""
    candidates = await _candidates(client, engine, task_queue)
    if len(candidates) > MAX_CONFIRMED:
        return len(candidates)
    limit = asyncio.Semaphore(MAX_CONCURRENT)

    async def is_lost(reference: str) -> bool:
        async with limit:
            return not is_served(await find_latest_run(client, reference), task_queue)

    return sum(await asyncio.gather(*map(is_lost, candidates)))


def is_served(run: LatestRun | None, task_queue: str) -> bool:
    """Return whether a run goes on, or completed just after the record was read."""
    if run is None or run.task_queue != task_queue:
        return False
    return run.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)


async def list_maybe_not_running(engine: AsyncEngine, now: datetime) -> list[str]:
    """List the complaints on the record that need a workflow, in order.

    Those that closed may be reopened for a time. Raises RecordUnreachableError.
    """
    may_need = or_(_IS_OPEN, _TABLE.closed_at > now - MAYBE_REOPENED, _TABLE.window_ends_at > now)
    references = await _list(engine, may_need)
    closed = set(references) - set(await _list(engine, _TABLE.closed_at.is_(None)))
    retired = set[str]()
    for batch in _batches(sorted(closed)):
        for state in await read_last_states(engine, batch):
            retires_at = Complaint(state).retires_at()
            if retires_at and retires_at <= now:
                retired.add(state.reference)
    return [reference for reference in references if reference not in retired]


async def _candidates(client: Client, engine: AsyncEngine, task_queue: str) -> list[str]:
    """List the open complaints that Temporal's list does not show as running."""
    open_on_record = await _list(engine, _IS_OPEN)
    query = f'{ALL_RUNS} AND ExecutionStatus = "Running" AND TaskQueue = "{task_queue}"'
    running = {run.id async for run in client.list_workflows(query)}
    return [reference for reference in open_on_record if reference not in running]


async def _list(engine: AsyncEngine, condition: ColumnElement[bool]) -> list[str]:
    statement = select(_TABLE.reference).where(condition, ~_IS_REMOVED).order_by(_TABLE.reference)
    with translate_database_errors():
        async with engine.connect() as connection:
            return list(await connection.scalars(statement))


def _batches(references: Sequence[str]) -> Iterable[Sequence[str]]:
    return (references[start : start + BATCH_SIZE] for start in range(0, len(references), BATCH_SIZE))
