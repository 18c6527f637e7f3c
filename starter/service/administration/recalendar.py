"""Recalculate open dates by the calendar in force: preview it, start it, follow it (R14)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.asked_for import NOT_ASKED_FOR
from complaints.procedure.enums import Code
from complaints.procedure.views.date_preview import DatePreview
from complaints.records.stale_calendars import list_stale
from complaints.runtime.clock import now
from complaints.temporal.calls import WorkflowEndedError, call_with_timeout, is_about_namespace, query_workflow
from starter.client.start_run import start_recalendar
from starter.service.administration.date_previews import preview_in_batches
from starter.service.models import AnswerModel
from workflows import names
from workflows.recalendar import LaterRun, RecalendarRun, RecalendarWorkflow

Run = TypeVar("Run", RecalendarRun, LaterRun)

QUERY_TIMEOUT_SECONDS = 5.0


class RunFailure(AnswerModel):
    """Why the last run ended before its time."""

    code: str
    """A refusal's code, or `failed`."""
    sentence: str


class RecalendarProgress(AnswerModel):
    """How far the last run is, and the one for later dates after it; empty: none is known."""

    run: RecalendarRun | None
    later: LaterRun | None
    failure: RunFailure | None = None
    """Of the run over the dates that change."""
    later_failed: bool = False


async def preview(engine: AsyncEngine, by: str) -> AsyncGenerator[DatePreview, None]:
    """Yield how the dates of each complaint with a stale calendar would change."""
    async with aclosing(list_stale(engine, by=by)) as complaints:
        acts = ((complaint.carried.reference, complaint.act) async for complaint in complaints)
        async for previews in preview_in_batches(engine, acts):
            for each in previews:
                yield each


async def start(
    client: Client, engine: AsyncEngine, by: str, task_queue: str
) -> WorkflowHandle[RecalendarWorkflow, RecalendarRun]:
    """Start a run, or join one that continues. The workflow checks the record for this request.

    Raises NoAnswerError, RecordUnreachableError.
    """
    return await call_with_timeout(start_recalendar(client, engine, task_queue, by, now()))


async def read_progress(client: Client) -> RecalendarProgress:
    """Ask the last runs how far they are. Raises NoAnswerError where no worker answers."""
    run = later = failure = None
    later_failed = False
    try:
        run = await _find_run(client, names.RECALENDAR_ID, RecalendarRun)
    except WorkflowEndedError:
        failure = await _failure(client)
    try:
        later = await _find_run(client, names.RECALENDAR_LATER_ID, LaterRun)
    except WorkflowEndedError:
        later_failed = True
    return RecalendarProgress(run=run, later=later, failure=failure, later_failed=later_failed)


async def _find_run(client: Client, workflow_id: str, run_type: type[Run]) -> Run | None:
    """Read how far the last run with this id is; None: Temporal knows none.

    A run that completed is read without a worker: its own may be gone.
    """
    return await call_with_timeout(_read_run(client, workflow_id, run_type), QUERY_TIMEOUT_SECONDS)


async def _read_run(client: Client, workflow_id: str, run_type: type[Run]) -> Run | None:
    handle = client.get_workflow_handle(workflow_id)
    try:
        described = await handle.describe()
        if described.status is not WorkflowExecutionStatus.COMPLETED:
            return await query_workflow(handle, names.PROGRESS_QUERY, run_type)
        completed = client.get_workflow_handle(workflow_id, run_id=described.run_id, result_type=run_type)
        result: Run = await completed.result(follow_runs=False)
        return result
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and not is_about_namespace(error):
            return None
        raise


async def _failure(client: Client) -> RunFailure:
    handle = client.get_workflow_handle(names.RECALENDAR_ID)
    try:
        await call_with_timeout(handle.result())
    except WorkflowFailureError as error:
        cause = error.cause.cause if isinstance(error.cause, ActivityError) else error.cause
        if isinstance(cause, ApplicationError) and cause.type in {*Code, NOT_ASKED_FOR}:
            return RunFailure(code=str(cause.type), sentence=cause.message)
        return RunFailure(code="failed", sentence=str(cause))
    except RPCError as error:
        return RunFailure(code="failed", sentence=error.message)
    return RunFailure(code="failed", sentence="it was ended")
