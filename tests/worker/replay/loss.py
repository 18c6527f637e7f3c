"""Complaints of one record, and what is done to their workflows."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from complaints.procedure import acts
from complaints.records import queries
from complaints.runtime.clock import now
from tests.worker.replay.comparison import Report
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.replay.not_running import list_maybe_not_running
from worker.replay.reconcile import Reconciliation, reconcile
from worker.replay.revive import Revived, Reviver

FORKED_WITHIN_SECONDS = 60.0


async def open_today(opener: ComplaintOpener) -> ComplaintDriver:
    """Open a complaint whose clock is the real one."""
    received = now() - timedelta(hours=2)
    informed = (received - timedelta(days=7)).date()
    return await opener.open(now=now(), advance=False, received_at=received, told_case_handler_on=informed)


async def reset_before_last_update(complaint: ComplaintDriver) -> None:
    """Go back to before the last act, as when Temporal is restored to an older copy."""
    events = (await complaint.handle.fetch_history()).events
    last = max(
        event.event_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    )
    completed = [event.event_id for event in events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    before, accepting = sorted(number for number in completed if number < last)[-2:]
    await complaint.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=complaint.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=complaint.reference),
            reason="an older copy",
            workflow_task_finish_event_id=before + 1 if accepting - before == 1 else accepting,
            request_id=uuid4().hex,
            reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
        )
    )


async def reconcile_of(opener: ComplaintOpener, *, dry_run: bool = False) -> tuple[Reconciliation, Report]:
    report = Report()
    result = await reconcile(opener.client, opener.engine, opener.task_queue, report.append, dry_run=dry_run)
    return result, report


async def revive(
    opener: ComplaintOpener, *references: str, client: Client | None = None, dry_run: bool = False
) -> tuple[Revived, Report]:
    """Revive the complaints, by default all."""
    report = Report()
    reviver = Reviver(
        client or opener.client,
        opener.engine,
        opener.task_queue,
        report.append,
        now=now,
        on_started=report.append,
        dry_run=dry_run,
    )
    return await reviver.revive(references or await list_maybe_not_running(opener.engine, now())), report


async def recorded_kinds(complaint: ComplaintDriver) -> list[str]:
    """Return the kinds of the recorded events, after checking that none is missing."""
    events = await queries.read_events(complaint.engine, complaint.reference)
    assert list(events) == list(range(1, len(events) + 1))
    return [event.kind for event in events.values()]


async def fork(opener: ComplaintOpener) -> ComplaintDriver:
    """Return a complaint whose record has an acknowledgement, and its workflow a note instead."""
    complaint = await open_today(opener)
    await complaint.do(acts.AddInformation, by="intake", note="She rang.")
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    await reset_before_last_update(complaint)
    assert (await complaint.do(acts.AddInformation, by="intake", note="Since the restore.")).code == "done"
    async with asyncio.timeout(FORKED_WITHIN_SECONDS):
        while "RecordForkedError" not in await failing_recordings(complaint):  # noqa: ASYNC110 (no event says so)
            await asyncio.sleep(0.05)
    return complaint


async def failing_recordings(complaint: ComplaintDriver) -> set[str]:
    pending = (await complaint.handle.describe()).raw_description.pending_activities
    return {each.last_failure.application_failure_info.type for each in pending}
