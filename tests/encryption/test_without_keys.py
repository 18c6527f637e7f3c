"""A client of Temporal without keys reads nothing, and changes no complaint."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Header, Payload, Payloads, SearchAttributes, WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import MarkerRecordedEventAttributes
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.api.workflowservice.v1 import (
    QueryWorkflowRequest,
    RespondActivityTaskCompletedByIdRequest,
    RespondActivityTaskFailedByIdRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.worker import Worker

from activities.record import RECORD
from activities.task_queues import operations_queue
from complaints.calendars.amendments import no_amendments
from complaints.encryption.codec import EncryptionCodec, QueryContext
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.erasure import find_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from starter.client.open_complaint import open_complaint
from tests.encryption.stranger import stranger_of
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener, form
from worker.composition import make_worker
from worker.replay.accepted_acts import accepted_acts
from worker.replay.fetch_histories import fetch_history
from workflows import names
from workflows.erasure import erasure_workflow_id

READABLE = (SearchAttributes, Header)
WITHIN_SECONDS = 60.0
WORDS = (b"Ada Example", b"ada@example.org", b"Nobody rang", b"We were slow", b"h.lee@", b"put_right", b"what_happened")
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b"false")
BACKDATED = {"id": "forged", "by": "i.assessor", "made_at": "2031-03-03T09:00:00Z", "explanation": "We put it right."}


@pytest.fixture
def opener(client: Client, engine: AsyncEngine, worker: Worker) -> ComplaintOpener:
    return ComplaintOpener(client, engine, worker.task_queue)


@pytest.fixture
def stranger(client: Client) -> Client:
    return stranger_of(client)


def payloads_in(message: Message) -> Iterator[Payload]:
    """Yield the payloads that are meant to be encrypted."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        is_summary = isinstance(message, UserMetadata) and field.name == "summary"
        if isinstance(message, MarkerRecordedEventAttributes):
            yield from message.details["result"].payloads  # the other detail is the SDK's: its number and its type
            continue
        if field.message_type is None or is_summary or isinstance(value, READABLE):
            continue
        values = (
            value.values() if field.message_type.GetOptions().map_entry else value if field.is_repeated else [value]
        )
        for part in values:
            if isinstance(part, Message):
                yield from payloads_in(part)


async def refused(complaint: ComplaintDriver) -> list[str]:
    events = (await complaint.wait_until_recorded()).events
    return [event.what for event in events if event.kind == "refused"]


async def without_refusals(complaint: ComplaintDriver) -> list[tuple[str, Any]]:
    events = (await complaint.wait_until_recorded()).events
    return [(event.kind, event.at) for event in events if event.kind != "refused"]


async def test_a_stranger_reads_nothing(opener: ComplaintOpener, stranger: Client) -> None:
    complaint = await opener.open(put_right="Say sorry.")
    await complaint.signal(acts.Acknowledge)
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[])
    await complaint.do(acts.Settle, explanation="We were slow.")
    await complaint.handle.signal("bogus", "Nobody rang me back.")
    await complaint.advance_to(MONDAY + timedelta(days=7))
    await complaint.wait_until_recorded()
    handle = stranger.get_workflow_handle(complaint.reference)
    history, description = await handle.fetch_history(), await handle.describe()
    query = QueryWorkflowRequest(namespace=stranger.namespace, execution=WorkflowExecution(workflow_id=handle.id))
    query.query.query_type = names.STATE_QUERY
    answer = await stranger.workflow_service.query_workflow(query)
    listed = [each.raw_info async for each in stranger.list_workflows(f"WorkflowId = '{handle.id}'")]
    for message in (*history.events, description.raw_description, answer, *listed):
        assert {each.metadata["encoding"] for each in payloads_in(message)} <= {b"binary/encrypted"}
        assert not [word for word in WORDS if word in message.SerializeToString()]
    assert sum(1 for event in history.events for _ in payloads_in(event)) > 10


async def test_forged_and_backdated_acts_are_refused_on_the_record(opener: ComplaintOpener, stranger: Client) -> None:
    complaint = await opener.open()
    before = await without_refusals(complaint)
    handle = stranger.get_workflow_handle(complaint.reference)
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("acknowledge", {"id": "forged", "by": "m.okafor"})
    await handle.signal("settle", BACKDATED)
    assert await refused(complaint) == ["settle refused: unreadable"]
    assert await without_refusals(complaint) == before
    assert (await complaint.do(acts.Acknowledge)).code == "done"


async def test_an_act_of_another_complaint_or_of_yesterday_has_no_effect(
    opener: ComplaintOpener, stranger: Client
) -> None:
    complaint, other = await opener.open(), await opener.open()
    await complaint.signal(acts.Acknowledge)
    before, before_other = await without_refusals(complaint), await without_refusals(other)
    [signalled] = [
        event.workflow_execution_signaled_event_attributes
        for event in (await stranger.get_workflow_handle(complaint.reference).fetch_history()).events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    act = RawValue(signalled.input.payloads[0])
    for reference in (complaint.reference, other.reference):
        await stranger.get_workflow_handle(reference).signal("acknowledge", act)
    with pytest.raises(WorkflowUpdateFailedError):
        await stranger.get_workflow_handle(other.reference).execute_update("acknowledge", act)
    assert await without_refusals(complaint) == before
    assert await refused(complaint) == []
    assert await without_refusals(other) == before_other
    assert await refused(other) == ["acknowledge refused: unreadable"]
    history = await fetch_history(other.client, other.reference)
    assert history
    assert [accepted.act for accepted in await accepted_acts(other.client, [history])] == [None]


async def test_a_complaint_that_a_stranger_starts_never_runs_and_gives_way(
    opener: ComplaintOpener, stranger: Client, engine: AsyncEngine
) -> None:
    complaint = await opener.open()
    history = await stranger.get_workflow_handle(complaint.reference).fetch_history()
    spliced = RawValue(history.events[0].workflow_execution_started_event_attributes.input.payloads[0])
    plain = {"start": {"form": form("FORGED-1").model_dump(mode="json")}}
    for number, given in enumerate((spliced, plain)):
        reference = f"FORGED-{number}"
        handle = await stranger.start_workflow(names.WORKFLOW, given, id=reference, task_queue=opener.task_queue)
        async with asyncio.timeout(WITHIN_SECONDS):
            while not any(failed(event) for event in (await handle.fetch_history()).events):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert await queries.read_state(engine, reference) is None
        opened = await open_complaint(
            opener.client,
            form(reference, received_at=now(), told_case_handler_on=None),
            policy=load_policy(),
            now=now(),
            opened_by="intake",
            find=nobody,
            amended=no_amendments,
            task_queue=opener.task_queue,
        )
        assert opened.is_new
        await ComplaintDriver(reference, opener.client, engine).wait_until_recorded()


def failed(event: Any) -> bool:
    attributes = event.workflow_task_failed_event_attributes
    return bool(attributes.failure.message.startswith("no service opened this complaint"))


async def nobody(_reference: str) -> None:
    return None


async def test_an_erasure_that_a_stranger_starts_fails(
    opener: ComplaintOpener, stranger: Client, engine: AsyncEngine
) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Withdraw)
    before = await complaint.wait_until_recorded()
    handle = await stranger.start_workflow(
        names.ERASURE,
        {"reference": complaint.reference},
        id=erasure_workflow_id(complaint.reference),
        task_queue=operations_queue(opener.task_queue),
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert await find_tombstone(engine, complaint.reference) is None
    assert await complaint.wait_until_recorded() == before


async def started_record(complaint: ComplaintDriver, after: str = "") -> str:
    """Wait until the recording runs as an activity; return its id. `after`: the one before it."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            described = (await complaint.handle.describe()).raw_description
            for pending in described.pending_activities:
                is_started = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
                if pending.activity_type.name == RECORD and is_started and pending.activity_id != after:
                    return pending.activity_id
            await asyncio.sleep(0.05)


def results_of(history: WorkflowHistory) -> list[Payload]:
    """Return the results of the activities that have completed."""
    completed = [event.activity_task_completed_event_attributes for event in history.events]
    return [payload for each in completed for payload in each.result.payloads]


async def test_a_recording_that_a_stranger_completes_or_fails_is_made_again(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, stranger: Client
) -> None:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=5)
        opener = ComplaintOpener(client, engine, "completed-by-strangers")
        async with make_worker(client, behind, opener.task_queue):
            complaint = await opener.open()
            await complaint.do(acts.Acknowledge)
            await complaint.wait_until_recorded()
            earlier = results_of(await complaint.handle.fetch_history())
            tcp_proxy.stall()
            await complaint.signal(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
            activity_id = await started_record(complaint)
            for result in (None, Payloads(payloads=[PLAIN]), Payloads(payloads=[earlier[-1]])):
                await stranger.workflow_service.respond_activity_task_completed_by_id(
                    RespondActivityTaskCompletedByIdRequest(
                        namespace=stranger.namespace,
                        workflow_id=complaint.reference,
                        activity_id=activity_id,
                        result=result,
                        identity="a stranger",
                    )
                )
                activity_id = await started_record(complaint, activity_id)
            for kind in ("RecordForkedError", "not_asked_for", ""):
                await stranger.workflow_service.respond_activity_task_failed_by_id(
                    RespondActivityTaskFailedByIdRequest(
                        namespace=stranger.namespace,
                        workflow_id=complaint.reference,
                        activity_id=activity_id,
                        failure=Failure(
                            message="It cannot be.",
                            application_failure_info=ApplicationFailureInfo(type=kind, non_retryable=True),
                        ),
                        identity="a stranger",
                    )
                )
                activity_id = await started_record(complaint, activity_id)
            tcp_proxy.restore()
            history = await complaint.check_agreement()
        await behind.dispose()
    assert [event.kind for event in history.events].count("reassign") == 1
    ends = (await complaint.handle.fetch_history()).events
    assert sum(event.activity_task_completed_event_attributes.identity == "a stranger" for event in ends) == 3
    assert sum(event.activity_task_failed_event_attributes.identity == "a stranger" for event in ends) == 3


async def test_with_what_the_codec_server_encrypts_one_looks_and_does_not_act(
    opener: ComplaintOpener, stranger: Client
) -> None:
    complaint = await opener.open()
    before = await without_refusals(complaint)
    converter = opener.client.data_converter
    assert isinstance(converter.payload_codec, EncryptionCodec)
    codec = converter.payload_codec.with_context(QueryContext())
    plain = converter.payload_converter.to_payloads(["an-act", {"id": "forged", "by": "m.okafor"}])
    [act_id, act] = map(RawValue, await codec.encode(plain))
    handle = stranger.get_workflow_handle(complaint.reference)
    with pytest.raises(KeyError, match="binary/encrypted"):  # the answer
        await handle.query(names.ANSWER_QUERY, act_id)
    await handle.signal("acknowledge", act)
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update("acknowledge", act)
    assert await refused(complaint) == ["acknowledge refused: unreadable"]
    assert await without_refusals(complaint) == before
