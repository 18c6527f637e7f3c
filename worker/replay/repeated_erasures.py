"""Carry out again the erasures and anonymisations that a restore has undone."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.erasure import CONFIRM
from activities.retention import ANONYMISE, AnonymisedBatch
from activities.task_queues import operations_queue
from complaints.encryption.foreign import ForeignPayloadError
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records.erasure import anonymise, create_tombstone
from complaints.records.personal.encryption import destroy_keys
from complaints.records.restores.repeated_erasure import erase_again, is_to_be_erased, list_erased, list_to_anonymise
from complaints.temporal.client import decode_payloads
from worker.replay.restored_record import RestoredRecord
from worker.retention.erase import delete_workflow_runs
from workflows import names

Result = TypeVar("Result", bound=BaseModel)
ERASED_BEFORE = "erased before a restore"
Line = tuple[str, str]
"""A complaint's reference, and what was done."""


async def repeat_erasures(
    client: Client, engine: AsyncEngine, task_queue: str, at: datetime, restored: RestoredRecord, *, dry_run: bool
) -> AsyncIterator[Line]:
    """Erase what Temporal knows as erased; yield a line for each complaint.

    An erasure that still runs only gets its tombstone back: its workflow does the rest.
    Raises RPCError, RecordUnreachableError.
    """
    async for execution in client.list_workflows(_of_type(names.ERASURE, task_queue)):
        request = await _request_of(client, execution)
        if request is None or not await is_to_be_erased(engine, request):
            continue
        if execution.status is WorkflowExecutionStatus.COMPLETED:
            await restored.mark()
            if not dry_run:
                await destroy_keys(engine, request.reference, request.by, request.why, at)
                await erase_again(engine, request, at)
            yield request.reference, f"was erased, and is on the record{'' if dry_run else ': erased again'}"
        elif not dry_run:
            await create_tombstone(engine, request.reference, request.asked_at, request.by, request.why)


async def delete_erased_runs(
    client: Client, engine: AsyncEngine, task_queue: str, at: datetime, *, dry_run: bool
) -> AsyncIterator[Line]:
    """Delete keys and runs of erased complaints, which a restore has brought back.

    Raises RPCError, RecordUnreachableError.
    """
    for reference in await list_erased(engine):
        if not dry_run:
            await destroy_keys(engine, reference, None, ERASED_BEFORE, at)
        if await _has_run(client, reference, task_queue):
            if not dry_run:
                await delete_workflow_runs(client, reference)
            yield reference, f"is erased, and in Temporal{'' if dry_run else ': deleted again'}"


async def repeat_anonymisations(
    client: Client, engine: AsyncEngine, task_queue: str, restored: RestoredRecord, *, dry_run: bool
) -> AsyncIterator[Line]:
    """Anonymise the complaints that Temporal's retention runs anonymised; yield a line for each.

    The retention period is not counted again: holds that were given since the backup are lost.
    Raises RPCError, RecordUnreachableError.
    """
    async for execution in client.list_workflows(_of_type(names.RETENTION, task_queue)):
        async for anonymised in _results(client, execution, ANONYMISE, AnonymisedBatch):
            references = await list_to_anonymise(engine, anonymised.references, anonymised.at)
            if references:
                await restored.mark()
            if references and not dry_run:
                for reference in references:
                    await destroy_keys(engine, reference, anonymised.by, anonymised.why, anonymised.at)
                await anonymise(engine, references, anonymised.at, anonymised.by, anonymised.why)
            for reference in references:
                yield reference, f"was anonymised, and is on the record{'' if dry_run else ': anonymised again'}"


def _of_type(name: str, task_queue: str) -> str:
    return f'WorkflowType = "{name}" AND TaskQueue = "{operations_queue(task_queue)}"'


async def _request_of(client: Client, execution: WorkflowExecution) -> ErasureRequest | None:
    """Read what an erasure found on the record before it erased anything.

    None: it has found nothing. Anybody who reaches Temporal can start one.
    """
    if execution.status not in (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.RUNNING):
        return None
    async for request in _results(client, execution, CONFIRM, ErasureRequest):
        return request
    return None


async def _results(
    client: Client, execution: WorkflowExecution, activity: str, kind: type[Result]
) -> AsyncIterator[Result]:
    """Yield the results of a workflow's activities of one type."""
    scheduled: set[int] = set()
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    async for event in handle.fetch_history_events():
        completed = event.activity_task_completed_event_attributes
        if event.activity_task_scheduled_event_attributes.activity_type.name == activity:
            scheduled.add(event.event_id)
        elif completed.scheduled_event_id in scheduled and event.HasField("activity_task_completed_event_attributes"):
            with suppress(ForeignPayloadError):
                [result] = await decode_payloads(client, execution.id, completed.result.payloads, [kind])
                yield result


async def _has_run(client: Client, reference: str, task_queue: str) -> bool:
    try:
        described = await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.task_queue == task_queue
