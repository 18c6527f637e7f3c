"""Fetch histories of complaints from Temporal, and explain why one does not replay."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Collection
from contextlib import suppress

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkflowReplayResult

from complaints.encryption.data_keys import KeyDestroyedError
from complaints.records import queries
from complaints.temporal.client import decode_payloads
from workflows import names
from workflows.input import ComplaintInput

MAX_CONCURRENT = 10
"""Histories fetched ahead; no more are in memory."""
ALL_RUNS = f'WorkflowType = "{names.WORKFLOW}"'
OPEN_RUNS = f'{ALL_RUNS} AND (ExecutionStatus = "Running" OR ExecutionStatus = "ContinuedAsNew")'
OTHER_OPEN_RUNS = f'WorkflowType != "{names.WORKFLOW}" AND ExecutionStatus = "Running"'
CLOSING_EVENTS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
}
"""The last event of a complaint's last run. A run that continued as new has another one."""
EVENTS_OF_UPDATES = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
}
"""A workflow task leaves them, and they do not say which."""
MAX_REASON = 300
"""Characters."""


async def list_references(
    client: Client, engine: AsyncEngine, task_queue: str, *, open_only: bool = False
) -> AsyncGenerator[str, None]:
    """List each complaint of the task queue once: from the record, then from Temporal.

    The visibility store lags behind the workflows, and while a complaint continues as new it may show no run.
    The record is therefore read first, and any run of a complaint counts. `open_only` may include a few closed
    complaints. Raises RPCError, RecordUnreachableError and RecordError.
    """
    listed: set[str] = set()
    async for reference in queries.list_references(engine, open_only=open_only):
        listed.add(reference)
        yield reference
    runs = OPEN_RUNS if open_only else ALL_RUNS
    async for run in client.list_workflows(f'{runs} AND TaskQueue = "{task_queue}"'):
        if run.id not in listed:
            listed.add(run.id)
            yield run.id


async def list_other_workflows(client: Client, task_queues: Collection[str]) -> AsyncGenerator[str, None]:
    """List the ids of open workflows of the task queues other than complaints. Raises RPCError."""
    queues = ", ".join(f'"{queue}"' for queue in task_queues)
    async for run in client.list_workflows(f"{OTHER_OPEN_RUNS} AND TaskQueue IN ({queues})"):
        yield run.id


async def fetch_newest_runs(client: Client, references: AsyncIterable[str]) -> AsyncGenerator[WorkflowHistory, None]:
    """Fetch each complaint's newest run, on any task queue. Raises RPCError."""
    ahead: deque[asyncio.Task[WorkflowHistory | None]] = deque()
    try:
        async for reference in references:
            ahead.append(asyncio.create_task(fetch_history(client, reference)))
            if len(ahead) == MAX_CONCURRENT and (history := await ahead.popleft()):
                yield history
        while ahead:
            if history := await ahead.popleft():
                yield history
    finally:
        for task in ahead:
            task.cancel()


async def fetch_all_runs(
    client: Client,
    references: AsyncIterable[str],
    task_queue: str,
    on_newest: Callable[[WorkflowHistory], Awaitable[None]] | None = None,
) -> AsyncGenerator[WorkflowHistory, None]:
    """Fetch each complaint's runs on the task queue, newest first.

    Goes as far back as Temporal retains runs. Leaves out runs that cannot be replayed yet (`has_started`).
    `on_newest` gets each complaint's newest run. Raises RPCError.
    """
    async for newest in fetch_newest_runs(client, references):
        if on_newest and task_queue_of(newest) == task_queue:
            await on_newest(newest)
        run: WorkflowHistory | None = newest
        while run:
            if has_started(run) and task_queue_of(run) == task_queue:
                yield run
            previous = await previous_run(client, run)
            run = await fetch_history(client, run.workflow_id, previous) if previous else None


async def previous_run(client: Client, run: WorkflowHistory) -> str | None:
    """Return the id of the run that continued as this one, or that this one replaced."""
    started = run.events[0].workflow_execution_started_event_attributes
    if started.continued_execution_run_id:
        return started.continued_execution_run_id
    with suppress(ValidationError, TemporalError, RuntimeError, ValueError, TypeError, KeyError, KeyDestroyedError):
        [given] = await decode_payloads(client, run.workflow_id, started.input.payloads, [ComplaintInput])
        return given.revival.replaces if given.revival else None
    return None  # `task_failures` reports a start that does not decode


async def fetch_history(client: Client, reference: str, run_id: str | None = None) -> WorkflowHistory | None:
    """Fetch one run, by default the newest; None if Temporal does not have it. Raises RPCError."""
    try:
        return await client.get_workflow_handle(reference, run_id=run_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def task_queue_of(history: WorkflowHistory) -> str:
    """Return the task queue: another queue's complaint may have the same reference."""
    return history.events[0].workflow_execution_started_event_attributes.task_queue.name


def workflow_type_of(history: WorkflowHistory) -> str:
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


def has_started(history: WorkflowHistory) -> bool:
    """Return whether a workflow task was completed; without one, a replay never ends."""
    return any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in history.events)


def is_open(history: WorkflowHistory) -> bool:
    return history.events[-1].event_type not in CLOSING_EVENTS


def without_pending_task(history: WorkflowHistory) -> WorkflowHistory:
    """Leave out of an open run what came after its last completed workflow task's commands.

    No worker has applied it for good. When one does, it gets the instant of that task, after what came meanwhile.
    """
    if not is_open(history):
        return history
    events = list(history.events)
    last = max(event.event_id for event in events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    while not (events[-1].event_id == last or _is_left_by(last, events[-1])):
        del events[-1]
    return WorkflowHistory(history.workflow_id, events)


def _is_left_by(task: int, event: HistoryEvent) -> bool:
    """Return whether the workflow task that the event `task` completed left the event."""
    if event.event_type in EVENTS_OF_UPDATES:
        return True
    attributes = getattr(event, event.WhichOneof("attributes") or "", None)
    return getattr(attributes, "workflow_task_completed_event_id", None) == task


def replay_failure(result: WorkflowReplayResult) -> str | None:
    """Return in one line why a history does not replay; None if it does."""
    if result.replay_failure is None:
        return None
    message = " ".join(str(result.replay_failure).split())
    if wrapped := re.search(r'message: "((?:[^"\\]|\\.)+)"', message):  # the SDK's core dumps a whole protobuf message
        message = wrapped[1]
    return message[:MAX_REASON] or type(result.replay_failure).__name__
