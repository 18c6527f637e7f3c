"""Start what a member of staff asks for: a run over many complaints, or an erasure.

Each is on the record first. The workflows act on nothing else.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.task_queues import operations_queue
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records.administration.runs import begin_run
from complaints.records.erasure import create_tombstone
from complaints.records.tables import RunKind
from complaints.temporal.summaries import fit_summary
from workflows import names
from workflows.erasure import ErasureInput, ErasureWorkflow, erasure_workflow_id
from workflows.recalendar import RecalendarRun, RecalendarWorkflow
from workflows.retention import RetentionInput, RetentionWorkflow

RETENTION_ID = "retention/by-hand"
"""One run at a time: a second request shares the first one's."""


async def start_recalendar(
    client: Client, engine: AsyncEngine, task_queue: str, by: str, at: datetime
) -> WorkflowHandle[RecalendarWorkflow, RecalendarRun]:
    """Start a recalculation of every open date that changes, or return the one that runs.

    `by` is in the right to do it. Raises RPCError, RecordUnreachableError.
    """
    if not await _runs(client, names.RECALENDAR_ID):
        run = await begin_run(engine, RunKind.RECALENDAR, by, at)
        await client.start_workflow(
            RecalendarWorkflow.run,
            RecalendarRun(run=run.id),
            id=names.RECALENDAR_ID,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=fit_summary("Recalculate every open date that changes"),
            **_options(task_queue),
        )
    return client.get_workflow_handle_for(RecalendarWorkflow.run, names.RECALENDAR_ID)


async def start_retention(
    client: Client, engine: AsyncEngine, task_queue: str, by: str, at: datetime
) -> WorkflowHandle[RetentionWorkflow, int]:
    """Start the anonymisation of what has expired, or return the one that runs.

    `by` is in the right to do it. Raises RPCError, RecordUnreachableError.
    """
    if not await _runs(client, RETENTION_ID):
        run = await begin_run(engine, RunKind.RETENTION, by, at)
        await client.start_workflow(
            RetentionWorkflow.run,
            RetentionInput(run=run.id),
            id=RETENTION_ID,
            static_summary=fit_summary("Anonymise the complaints whose retention period has ended"),
            **_options(task_queue),
        )
    return client.get_workflow_handle_for(RetentionWorkflow.run, RETENTION_ID)


async def start_erasure(
    client: Client, engine: AsyncEngine, task_queue: str, request: ErasureRequest
) -> WorkflowHandle[ErasureWorkflow, None]:
    """Mark a closed complaint for erasure, and start it, or return the one that runs.

    `request.by` is in the right to do it. Raises RPCError, RecordUnreachableError.
    """
    await create_tombstone(engine, request.reference, request.asked_at, request.by, request.why)
    return await client.start_workflow(
        ErasureWorkflow.run,
        ErasureInput(reference=request.reference),
        id=erasure_workflow_id(request.reference),
        static_summary=fit_summary(f"Erase {request.reference}"),
        **_options(task_queue),
    )


async def _runs(client: Client, workflow_id: str) -> bool:
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status is WorkflowExecutionStatus.RUNNING


def _options(task_queue: str) -> dict[str, Any]:
    return {
        "task_queue": operations_queue(task_queue),
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
    }
