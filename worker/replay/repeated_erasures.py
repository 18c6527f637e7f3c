"""Carry out again the erasures and anonymisations that a restore has undone."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.retention import ANONYMISE, AnonymisationBatch, AnonymisedBatch
from activities.task_queues import operations_queue
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records.erasure import anonymise, create_tombstone
from complaints.records.restores.repeated_erasure import erase_again, is_to_be_erased, list_erased, list_to_anonymise
from complaints.temporal.client import DATA_CONVERTER
from worker.replay.restored_record import RestoredRecord
from worker.retention.erase import Eraser
from workflows import names

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
                await erase_again(engine, request, at)
            yield request.reference, f"was erased, and is on the record{'' if dry_run else ': erased again'}"
        elif not dry_run:
            await create_tombstone(engine, request.reference, request.asked_at, request.by, request.why)


async def delete_erased_runs(
    client: Client, engine: AsyncEngine, task_queue: str, at: datetime, *, dry_run: bool
) -> AsyncIterator[Line]:
    """Delete runs of erased complaints, which a restore of Temporal has brought back.

    Raises RPCError, RecordUnreachableError.
    """
    eraser = Eraser(client, engine, lambda: at, None, None)
    for reference in await list_erased(engine):
        if await _has_run(client, reference, task_queue):
            if not dry_run:
                await eraser.delete_workflow_runs(reference)
            yield reference, f"is erased, and in Temporal{'' if dry_run else ': deleted again'}"


async def repeat_anonymisations(
    client: Client, engine: AsyncEngine, task_queue: str, restored: RestoredRecord, *, dry_run: bool
) -> AsyncIterator[Line]:
    """Anonymise the complaints that Temporal's retention runs anonymised; yield a line for each.

    The retention period is not counted again: holds that were given since the backup are lost.
    Raises RPCError, RecordUnreachableError.
    """
    async for execution in client.list_workflows(_of_type(names.RETENTION, task_queue)):
        async for batch, anonymised in _batches(client, execution):
            references = await list_to_anonymise(engine, anonymised.references, batch.at)
            if references:
                await restored.mark()
            if references and not dry_run:
                await anonymise(engine, references, batch.at, batch.by, anonymised.why)
            for reference in references:
                yield reference, f"was anonymised, and is on the record{'' if dry_run else ': anonymised again'}"


def _of_type(name: str, task_queue: str) -> str:
    return f'WorkflowType = "{name}" AND TaskQueue = "{operations_queue(task_queue)}"'


async def _request_of(client: Client, execution: WorkflowExecution) -> ErasureRequest | None:
    """Read the input of an erasure that runs or has completed."""
    if execution.status not in (WorkflowExecutionStatus.COMPLETED, WorkflowExecutionStatus.RUNNING):
        return None
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        [request] = await DATA_CONVERTER.decode(payloads, [ErasureRequest])
        assert isinstance(request, ErasureRequest)
        return request
    return None


async def _batches(
    client: Client, execution: WorkflowExecution
) -> AsyncIterator[tuple[AnonymisationBatch, AnonymisedBatch]]:
    """Yield the input and the result of each batch of a retention run."""
    batches: dict[int, AnonymisationBatch] = {}
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    async for event in handle.fetch_history_events():
        scheduled = event.activity_task_scheduled_event_attributes
        completed = event.activity_task_completed_event_attributes
        if (
            event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
            and scheduled.activity_type.name == ANONYMISE
        ):
            [batches[event.event_id]] = await DATA_CONVERTER.decode(scheduled.input.payloads, [AnonymisationBatch])
        elif (
            event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED and completed.scheduled_event_id in batches
        ):
            [anonymised] = await DATA_CONVERTER.decode(completed.result.payloads, [AnonymisedBatch])
            yield batches[completed.scheduled_event_id], anonymised


async def _has_run(client: Client, reference: str, task_queue: str) -> bool:
    try:
        described = await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.task_queue == task_queue
