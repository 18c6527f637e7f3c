"""Payloads that nobody of ours encrypted are refused, and block nothing."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue

from complaints.procedure import acts
from tests.encryption.stranger import stranger_of
from tests.encryption.test_compression import HOSTILE, zipped
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.replay.history_files import readable_payload
from worker.replay.plain_history import plain_history
from workflows import names


async def test_hostile_payloads_are_refused_and_block_nothing(opener: ComplaintOpener, client: Client) -> None:
    complaint = await opener.open()
    handle = ComplaintDriver(complaint.reference, stranger_of(client), complaint.engine).handle
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
    history = await plain_history(client, await complaint.handle.fetch_history())
    assert "Nobody rang" in json.dumps(json.loads(history.to_json(), object_hook=readable_payload))


async def test_a_start_and_a_recording_are_compressed_before_they_are_encrypted(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.wait_until_recorded()
    history = await complaint.handle.fetch_history()
    plain = await plain_history(complaint.client, history)
    [encrypted], [decrypted] = (
        each.events[0].workflow_execution_started_event_attributes.input.payloads for each in (history, plain)
    )
    assert encrypted.metadata["encoding"] == b"binary/encrypted"
    assert encrypted.ByteSize() < decrypted.ByteSize() / 2
