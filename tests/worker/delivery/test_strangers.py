"""Anybody who reaches Temporal can start a workflow.

Without the record's word it does nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.workflowservice.v1 import (
    RecordActivityTaskHeartbeatByIdRequest,
    RespondActivityTaskCompletedByIdRequest,
    RespondActivityTaskFailedByIdRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities.asked_for import NOT_ASKED_FOR
from activities.delivery import delivery_workflow_id
from activities.task_queues import delivery_queue, operations_queue
from complaints.messages.key import COMPLAINANT, DeliveryStatus
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.views.views import transition_since
from complaints.records import tables
from complaints.records.calendar_amendments import add_amendment
from complaints.records.deliveries import Delivery
from complaints.records.erasure import find_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.records.tables import RunKind
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from complaints.temporal.virtual_time import advance_to
from starter.client.start_delivery import start_delivery
from tests.channels.faults import Silence
from tests.fixtures.asked_runs import allow_scheduled_run, asked_later, asked_recalendar, asked_retention
from tests.procedure.builders import opened
from tests.worker.delivery.delivery_worker import Office, open_office
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, at_virtual_start
from worker.annual_report import report_worker
from worker.retention.start import retention_activities
from workflows import names

STARTED_WITHIN_SECONDS = 60.0
LONG_AGO = "2024-03-04 10:00"
WITNESSES = (tables.complaints, tables.events, tables.deliveries, tables.tombstones, tables.runs, tables.free_text)
HOSTILE: tuple[tuple[Any, ...], ...] = ((), ("x",), (None,), (1, 2), ([{}],))
OPERATIONS = (
    *(names.DIGEST, names.CALENDAR_CHECK, names.ANNUAL_REPORT),
    *(names.RETENTION, names.ERASURE, names.RECALENDAR, names.RECALENDAR_LATER),
)


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Run every worker, with channels and folders of their own."""
    queue = f"strangers-{tmp_path.name}"
    reports = WorkerSettings.read({"COMPLAINTS_TASK_QUEUE": queue, "COMPLAINTS_REPORTS": str(tmp_path)})
    async with AsyncExitStack() as opened_workers:
        further = await opened_workers.enter_async_context(
            retention_activities(client, record_url, keys_of(engine), load_policy(), now, post_room=tmp_path / "post")
        )
        drafts = report_worker(reports, load_policy(), client, record_url, keys_of(engine))
        await opened_workers.enter_async_context(await opened_workers.enter_async_context(drafts))
        yield await opened_workers.enter_async_context(
            open_office(client, engine, record_url, tmp_path / "post", queue, further=further)
        )


async def witness(office: Office) -> dict[str, list[Any]]:
    """Return all that a stranger could have changed."""
    seen: dict[str, list[Any]] = {"mail": [len(office.mail.messages)], "files": sorted(office.post.parent.rglob("*"))}
    async with office.opener.engine.connect() as connection:
        for table in WITNESSES:
            rows = await connection.execute(select(*table.primary_key, *_marks(table)).order_by(*table.primary_key))
            seen[table.name] = [tuple(row) for row in rows]
    return seen


def _marks(table: Any) -> list[Any]:
    names_of_marks = {"sequence", "sent_at", "held_at", "channel", "done_at", "text", "workflow_run", "finished_at"}
    return [column for column in table.c if column.name in names_of_marks and not column.primary_key]


async def start(
    office: Office,
    kind: str,
    *given: Any,
    workflow_id: str | None = None,
    queue: str | None = None,
) -> WorkflowHandle[Any, Any]:
    return await office.opener.client.start_workflow(
        kind,
        args=given,
        id=workflow_id or f"stranger/{uuid4()}",
        task_queue=queue or operations_queue(office.opener.task_queue),
    )


async def refusal(handle: WorkflowHandle[Any, Any]) -> str:
    """Wait for the workflow to fail, and return why."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause: BaseException | None = failed.value.cause
    cause = cause.cause if isinstance(cause, ActivityError) else cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == (NOT_ASKED_FOR, True)
    return cause.message


async def closed(office: Office, reference: str) -> None:
    """Record a complaint whose retention has ended."""
    case = {"answered_on": "2024-02-20"}
    story = opened(LONG_AGO, reference=reference, aspects=["outcome"], case=case, told_case_handler_on="2024-02-25")
    await write_transition(office.opener.engine, transition_since(story.complaint, 0))


async def with_stale_calendar(office: Office) -> ComplaintDriver:
    complaint = await office.opener.open(policy=load_policy().model_copy(update={"region": "northern-ireland"}))
    await office.settled(complaint)
    day = now().date().replace(year=2031, month=3, day=12)
    await add_amendment(
        office.opener.engine, region="northern-ireland", on=day, name="Fair", by="op", at=now(), reason="It is new."
    )
    return complaint


async def held_letter(office: Office) -> Delivery:
    complaint = await office.open()
    office.mail.inject("rcpt", "550 5.1.1 no such mailbox", times=100)
    await complaint.do(acts.Acknowledge)
    [held] = [each for each in await office.settled_letters(complaint) if each.status is DeliveryStatus.HELD]
    await office.when_recorded(complaint, "letter_held")
    await office.settled(complaint)
    office.mail.clear_faults()
    return held


async def test_strangers_with_any_input_change_nothing_and_what_was_asked_for_is_done_once(office: Office) -> None:
    await closed(office, "STRANGE-1")
    complaint, engine = await with_stale_calendar(office), office.opener.engine
    before = await witness(office)
    made_up: dict[str, list[Any]] = {
        names.ERASURE: [{"reference": "STRANGE-1", "by": "lead.manager", "why": "I say so."}, {"reference": "NEVER-1"}],
        names.RETENTION: [{}, {"run": "a made-up run"}, {"run": None, "plan": {"run": "r", "on": "2199-01-01"}}],
        names.RECALENDAR: [{"run": "a made-up run"}, {"run": "retention/2031-03-01", "by": "lead.manager"}],
        names.RECALENDAR_LATER: [{"run": "a made-up run"}, {"run": "a made-up run", "after": "zzz"}],
    }
    starts = [start(office, kind, *given) for kind in OPERATIONS for given in HOSTILE]
    starts += [start(office, kind, given) for kind, inputs in made_up.items() for given in inputs]
    refusals = [await refusal(handle) for handle in await asyncio.gather(*starts)]
    assert all(line.startswith("nothing was done: ") for line in refusals)
    assert await witness(office) == before

    replaced, asked = await asked_later(engine, "lead.manager"), await asked_recalendar(engine, "lead.manager")
    assert "it is finished" in await refusal(await start(office, names.RECALENDAR_LATER, replaced))
    run = await start(office, names.RECALENDAR, asked)
    assert (await run.result())["by"] == "lead.manager"
    await office.when_recorded(complaint, "recalendar")
    assert "another workflow has it" in await refusal(await start(office, names.RECALENDAR, asked))
    expired = await asked_retention(engine, "lead.manager")
    assert await (await start(office, names.RETENTION, expired)).result() >= 1
    tombstone = await find_tombstone(engine, "STRANGE-1")
    assert tombstone
    assert tombstone.by == "lead.manager"
    assert "it is finished" in await refusal(await start(office, names.RETENTION, expired))


async def test_a_stranger_sends_no_letter_that_is_not_owed(office: Office) -> None:
    held = await held_letter(office)
    before = await witness(office)
    queue, client = delivery_queue(office.opener.task_queue), office.opener.client
    unknown = held.key.model_copy(update={"sequence": 999})
    under_another_id = await start(office, names.DELIVERY, held.key, queue=queue)
    of_nobody = await start(office, names.DELIVERY, unknown, workflow_id=delivery_workflow_id(unknown), queue=queue)
    without_input = await start(office, names.DELIVERY, queue=queue)
    await start_delivery(client, office.opener.task_queue, held.key, "again", again=True)
    again = client.get_workflow_handle(delivery_workflow_id(held.key))
    for handle in (under_another_id, of_nobody, without_input, again):
        await refusal(handle)
    assert await witness(office) == before
    await office.post_again(held.key)
    await again.result()
    complaint = ComplaintDriver(held.key.reference, client, office.opener.engine)
    assert len(office.letters_about(complaint)) == 1


async def test_a_digest_is_sent_once_a_day(office: Office) -> None:
    today = now().date()
    await allow_scheduled_run(office.opener.engine, RunKind.DIGEST, today)
    await (await start(office, names.DIGEST)).result()
    mail = len(office.mail.messages)
    assert f"the digest of {today} has had its run" in await refusal(await start(office, names.DIGEST))
    assert len(office.mail.messages) == mail


async def test_a_complaint_runs_under_its_own_reference_only(office: Office) -> None:
    complaint = await office.opener.open()
    given = await first_input(office.opener.client, complaint.reference)
    at = at_virtual_start(office.opener.client, MONDAY)
    handle = await at.start_workflow(names.WORKFLOW, given, id="STRANGE-2", task_queue=office.opener.task_queue)
    await advance_to(office.opener.client, handle.id, MONDAY)
    assert "is not the complaint's reference" in await refusal(handle)


async def first_input(client: Client, reference: str) -> Any:
    """Return the input with which a complaint was started, as plain JSON."""
    history = await client.get_workflow_handle(reference).fetch_history()
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    [given] = await client.data_converter.decode(payloads)
    return given


async def test_a_delivery_that_a_stranger_completes_or_fails_is_made_again_and_sent_once(office: Office) -> None:
    """At most, a stranger has the encrypted result of another delivery of the complaint."""
    complaint = await office.open()
    client = office.opener.client
    service = client.workflow_service
    [alert] = [each.key for each in await office.deliveries(complaint) if each.key.to.startswith("staff:")]
    earlier = await client.get_workflow_handle(delivery_workflow_id(alert)).fetch_history()
    [copied] = [
        event.activity_task_completed_event_attributes.result
        for event in earlier.events
        if event.HasField("activity_task_completed_event_attributes")
    ]
    office.mail.inject("greeting", Silence.HANG)
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    [letter] = [each.key for each in await office.deliveries(complaint) if each.key.to == COMPLAINANT]
    handle = client.get_workflow_handle(delivery_workflow_id(letter))
    by: dict[str, Any] = {"namespace": client.namespace, "workflow_id": handle.id, "identity": "a stranger"}
    garbage = Payloads(payloads=[Payload(metadata={"encoding": b"json/plain"}, data=b"{}")])
    await while_it_runs(
        handle,
        lambda activity_id: service.record_activity_task_heartbeat_by_id(
            RecordActivityTaskHeartbeatByIdRequest(**by, activity_id=activity_id, details=garbage)
        ),
    )
    for result in (None, garbage, copied):
        ended = await while_it_runs(
            handle,
            lambda activity_id, result=result: service.respond_activity_task_completed_by_id(
                RespondActivityTaskCompletedByIdRequest(**by, activity_id=activity_id, result=result)
            ),
        )
        await started_activity(handle, ended)
    for kind in ("ChannelRefusedError", NOT_ASKED_FOR):
        failure = Failure(application_failure_info=ApplicationFailureInfo(type=kind, non_retryable=True))
        ended = await while_it_runs(
            handle,
            lambda activity_id, failure=failure: service.respond_activity_task_failed_by_id(
                RespondActivityTaskFailedByIdRequest(**by, activity_id=activity_id, failure=failure)
            ),
        )
        await started_activity(handle, ended)
    office.mail.clear_faults()
    assert {each.status for each in await office.settled_letters(complaint)} == {DeliveryStatus.SENT}
    assert len(office.letters_about(complaint)) == 1


async def while_it_runs(handle: WorkflowHandle[Any, Any], call: Callable[..., Awaitable[Any]]) -> str:
    """Make a call about the activity that runs; return the activity's id."""
    while True:
        activity_id = await started_activity(handle)
        try:
            await call(activity_id)
        except RPCError:  # this attempt has just ended
            await asyncio.sleep(0.05)
        else:
            return activity_id


async def started_activity(handle: WorkflowHandle[Any, Any], after: str = "") -> str:
    """Wait until an activity runs; return its id. `after`: the one before it."""
    async with asyncio.timeout(STARTED_WITHIN_SECONDS):
        while True:
            with suppress(RPCError):  # the workflow has not started yet
                for pending in (await handle.describe()).raw_description.pending_activities:
                    is_started = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
                    if is_started and pending.activity_id != after:
                        return pending.activity_id
            await asyncio.sleep(0.05)
