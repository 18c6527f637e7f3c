"""Verify and reconcile name a complaint whose workflow task fails."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent, WorkflowTaskFailedEventAttributes
from temporalio.client import Client, WorkflowHistory

from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker
from worker.replay.fetch_histories import fetch_history
from worker.replay.reconcile import reconcile
from worker.replay.task_failures import task_failure
from worker.replay.verify import verify_open
from workflows import names

CAUSE, FAILED = WorkflowTaskFailedCause, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
UNDECODABLE = {"start": {"form": {"reference": "a b"}}}


async def until_its_task_has_failed(client: Client, reference: str) -> None:
    async with asyncio.timeout(60):
        while True:
            history = await fetch_history(client, reference)
            if history and any(event.event_type == FAILED for event in history.events):
                return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("has_worker", [False, True])
async def test_a_complaint_whose_start_input_does_not_decode_is_named(
    client: Client, engine: AsyncEngine, *, has_worker: bool
) -> None:
    reference, queue = f"S-{uuid4()}", f"stuck-{uuid4()}"
    handle = await client.start_workflow(names.WORKFLOW, UNDECODABLE, id=reference, task_queue=queue)
    if has_worker:
        async with make_worker(client, engine, queue):
            await until_its_task_has_failed(client, reference)
    await named_by_both(
        client, engine, queue, reference, "its start input does not decode: start.form.reference: give a"
    )
    await handle.terminate()


async def test_a_complaint_whose_task_fails_later_is_named(client: Client, engine: AsyncEngine) -> None:
    opener = ComplaintOpener(client, engine, f"stuck-{uuid4()}")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
    named_by: list[str] = []
    await verify_open(client, engine, opener.task_queue, named_by.append)
    assert not [line for line in named_by if line.startswith(f"{complaint.reference}: ")]
    history = await fetch_history(client, complaint.reference)
    assert history
    assert (
        await task_failure(client, with_failed_task(history, CAUSE.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW)) is None
    )
    fails = with_failed_task(history, CAUSE.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE)
    assert await task_failure(client, fails) == "its workflow task fails: It cannot be."
    await complaint.handle.terminate()
    ended = await fetch_history(client, complaint.reference)
    assert ended
    assert await task_failure(client, ended) is None


def with_failed_task(history: WorkflowHistory, cause: WorkflowTaskFailedCause.ValueType) -> WorkflowHistory:
    attributes = WorkflowTaskFailedEventAttributes(cause=cause, failure=Failure(message="It cannot be."))
    event = HistoryEvent(event_type=FAILED, workflow_task_failed_event_attributes=attributes)
    return WorkflowHistory(history.workflow_id, [*history.events, event])


async def named_by_both(client: Client, engine: AsyncEngine, task_queue: str, reference: str, why: str) -> None:
    async with asyncio.timeout(60):
        while True:
            if [run async for run in client.list_workflows(f'WorkflowId = "{reference}"')]:
                break
            await asyncio.sleep(0.1)
    lines: list[str] = []
    _, broken, _ = await verify_open(client, engine, task_queue, lines.append)
    assert broken >= 1
    result = await reconcile(client, engine, task_queue, lines.append, dry_run=True)
    assert reference in result.different
    named = [line for line in lines if line.startswith(f"{reference}: ")]
    assert len(named) == 2
    assert all(line.startswith(f"{reference}: {why}") for line in named), named
