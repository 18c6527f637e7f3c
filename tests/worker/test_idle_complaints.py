"""A complaint that is idle is released: its next task may go to any worker."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import TaskQueueKind
from temporalio.client import Client

from complaints.procedure import acts
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.idle_complaints import IdleComplaints

TASK_QUEUE = "released"
RELEASED_WITHIN_SECONDS = 60.0


@pytest.fixture
async def idle(client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IdleComplaints]:
    monkeypatch.setattr("worker.idle_complaints.IDLE_AFTER_SECONDS", 0.0)
    idle = IdleComplaints(client)
    async with make_worker(client, engine, TASK_QUEUE, idle=idle):
        yield idle


async def queue_of_an_act(complaint: ComplaintDriver, to: str) -> "TaskQueueKind.ValueType":
    """Act, and return the kind of task queue on which Temporal put the act's task."""
    before = len((await complaint.handle.fetch_history()).events)
    await complaint.do(acts.Reassign, by="lead", to=to, reason="On leave.")
    events = (await complaint.handle.fetch_history()).events[before:]
    scheduled = [event for event in events if event.HasField("workflow_task_scheduled_event_attributes")]
    return scheduled[0].workflow_task_scheduled_event_attributes.task_queue.kind


async def test_a_released_complaints_act_goes_to_any_worker(
    client: Client, engine: AsyncEngine, idle: IdleComplaints
) -> None:
    complaint = await ComplaintOpener(client, engine, TASK_QUEUE).open()
    async with asyncio.timeout(RELEASED_WITHIN_SECONDS):
        for number in count(1):  # a task that ends after the release keeps the next one for its worker
            await complaint.wait_until_recorded()
            await idle.release()
            if await queue_of_an_act(complaint, f"m.{number}") == TaskQueueKind.TASK_QUEUE_KIND_NORMAL:
                break


async def test_a_complaint_that_temporal_does_not_have_is_passed_over(idle: IdleComplaints) -> None:
    idle.note_work("NEVER-OPENED")
    await idle.release()
