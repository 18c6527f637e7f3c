"""For reconcile, an input has not happened until a worker has completed its workflow task."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollWorkflowTaskQueueRequest, RespondWorkflowTaskFailedRequest

from complaints.encryption.data_keys import KeyRing
from complaints.procedure import acts
from complaints.procedure.enums import EventKind
from complaints.records.transitions import write_transition
from complaints.temporal.client import connect
from complaints.temporal.virtual_time import CannotAdvanceError
from tests.fixtures.staff import import_staff
from tests.worker.replay.comparison import lose
from tests.worker.replay.loss import open_today, reconcile_of, recorded_kinds
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from worker.composition import make_worker
from worker.replay.recorded_transitions import only, replay_transitions

NO_ACT = "no_such_act"
"""Needs no directory lookup, so a replay would apply it at once."""


@pytest.fixture
async def opener(temporal: str, restored: AsyncEngine, keys: KeyRing) -> ComplaintOpener:
    """Open complaints on a record and a task queue of their own; a test starts the workers."""
    await import_staff(restored.url.render_as_string(hide_password=False))
    client = await connect({"TEMPORAL_ADDRESS": temporal}, keys)
    return ComplaintOpener(client, restored, f"pending of {restored.url.database}")


@asynccontextmanager
async def task_in_hand(opener: ComplaintOpener) -> AsyncIterator[None]:
    """Hold the next workflow task, and fail it at the end of the `with` block."""
    service, namespace = opener.client.workflow_service, opener.client.namespace
    queue = TaskQueue(name=opener.task_queue)
    task = await service.poll_workflow_task_queue(PollWorkflowTaskQueueRequest(namespace=namespace, task_queue=queue))
    assert task.task_token, "no task came"
    yield
    failed = RespondWorkflowTaskFailedRequest(namespace=namespace, task_token=task.task_token)
    await service.respond_workflow_task_failed(failed)


async def test_a_signal_whose_task_is_not_completed_is_recorded_by_its_worker_alone(opener: ComplaintOpener) -> None:
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        complaint = await open_today(opener)
        before = (await complaint.wait_until_recorded()).sequence
    await complaint.handle.signal(NO_ACT)
    async with task_in_hand(opener):
        result, report = await reconcile_of(opener)
        assert len(await recorded_kinds(complaint)) == before
    assert (report.of(complaint), result.incomplete, result.different) == ([], set(), set())
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        after = await complaint.check_agreement()
    assert [event.kind for event in after.events[before:]].count(EventKind.REFUSED) == 1


async def test_a_timers_events_that_are_recorded_before_their_task_is_completed_are_no_fork(
    opener: ComplaintOpener,
) -> None:
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        complaint = await opener.open()
        before = (await complaint.wait_until_recorded()).sequence
    with suppress(CannotAdvanceError):  # the timer fires, and no worker takes its task
        await complaint.advance_to(MONDAY + timedelta(days=30))
    async with task_in_hand(opener):
        await record_as_a_killed_worker(opener, complaint.reference)
        assert len(await recorded_kinds(complaint)) > before
        result, report = await reconcile_of(opener)
    assert (report.of(complaint), result.restarted, result.different) == ([], set(), set())
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        after = await complaint.check_agreement()
    assert EventKind.REVIVED not in [event.kind for event in after.events]


async def record_as_a_killed_worker(opener: ComplaintOpener, reference: str) -> None:
    """Record what the task in hand would, as a local activity does before it is completed."""
    replays = replay_transitions(opener.client, only(reference), opener.task_queue, with_pending_task=True)
    [replayed] = [each async for each in replays]
    for transition in replayed.unrecorded():
        await write_transition(opener.engine, transition)


async def test_what_a_completed_task_did_is_recorded_again_while_a_signal_waits(opener: ComplaintOpener) -> None:
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        complaint = await open_today(opener)
        await complaint.do(acts.Acknowledge)
        before = (await complaint.wait_until_recorded()).sequence
    await complaint.handle.signal(NO_ACT)
    await lose(opener.engine, complaint, before)
    async with task_in_hand(opener):
        result, report = await reconcile_of(opener)
        assert len(await recorded_kinds(complaint)) == before
    assert report.of(complaint) == [f"event {before} missing, recorded again"]
    assert result.different == set()
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        await complaint.check_agreement()
