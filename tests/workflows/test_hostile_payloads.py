"""Compressed payloads that nobody can read are refused, and block nothing."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter

from complaints.procedure import acts
from tests.temporal.test_payload_codec import HOSTILE, zipped
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.replay.history_files import readable_payload
from workflows import names


async def test_hostile_payloads_are_refused_and_block_nothing(opener: ComplaintOpener, client: Client) -> None:
    complaint = await opener.open()
    sender = Client(**{**client.config(), "data_converter": pydantic_data_converter})  # type: ignore[arg-type]
    handle = ComplaintDriver(complaint.reference, sender, complaint.engine).handle
    for content in HOSTILE.values():
        hostile = RawValue(zipped(content))
        await handle.signal("acknowledge", hostile)
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("acknowledge", hostile)
        with pytest.raises(WorkflowQueryFailedError):
            await handle.query(names.ANSWER_QUERY, hostile)
    assert (await complaint.count_events())["refused"] == len(HOSTILE)
    await handle.signal("acknowledge", RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"no JSON")))
    assert (await complaint.do(acts.Acknowledge)).code == "done"
    history = await handle.fetch_history()
    assert "Nobody rang" in json.dumps(json.loads(history.to_json(), object_hook=readable_payload))


async def test_a_start_and_a_recording_are_compressed_in_the_history(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.wait_until_recorded()
    events = (await complaint.handle.fetch_history()).events
    [start] = events[0].workflow_execution_started_event_attributes.input.payloads
    recordings = [
        payload
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
        for payload in event.activity_task_scheduled_event_attributes.input.payloads
    ]
    assert {payload.metadata["encoding"] for payload in (start, *recordings)} == {b"binary/zlib"}
