"""No name, address or free text can be read without opening a payload."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.procedure import acts
from complaints.procedure.acts import ACTS
from complaints.procedure.form import Form
from complaints.procedure.state import ComplaintState, Event, Start
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, Transition
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import TcpProxy
from tests.fixtures.temporal_plain_text import readable_texts
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.replay.history_files import readable_payload
from worker.replay.plain_history import plain_history
from workflows import names
from workflows.input import ComplaintInput

PERSONAL = ("perpetua", "quillfeather", "pq1952", "hollyhock", "nethermoor", "xylograph")
"""Parts of the name, the addresses and every sentence of this complaint, in lower case."""
FREE_TEXT = 'Mrs Quillfeather said "Xylograph!"\n<b>twice</b> | %s {0}'
ACTION = "send perpetua a XYLOGRAPH"
PERSONAL_FORM: dict[str, Any] = {
    "complainant": {
        "name": "Perpetua Quillfeather",
        "capacity": "customer",
        "email": "pq1952@hollyhock.example",
        "address": "1 Hollyhock Row\nNethermoor",
        "prefers": "post",
    },
    "case": {"reference": "Quillfeather v Hollyhock", "open": True, "handler": "h.lee"},
    "concerns": [{"aspect": "delay", "what_happened": FREE_TEXT}, {"aspect": "outcome", "what_happened": FREE_TEXT}],
    "communication": [{"on": "2031-02-20", "channel": "xylograph", "summary": FREE_TEXT}],
    "put_right": FREE_TEXT,
}
REMEDY = {"kind": "action", "what": ACTION}
MALFORMED: tuple[tuple[str, object], ...] = (
    ("reply", {"Quillfeather": "xylograph", "findings": {"xylograph": ["Perpetua"]}, "outcome": "Quillfeather"}),
    ("extend", {"id": "a", "by": "Perpetua Quillfeather", "to": "the Xylograph", "explanation": FREE_TEXT}),
    ("settle", FREE_TEXT),
    ("dance", {"with": "Perpetua"}),
)
FAILURE_TIMEOUT_SECONDS = 60.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def personal_in(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if any(part in text.lower() for part in PERSONAL)]


async def readable_texts_of(complaint: ComplaintDriver) -> list[str]:
    """Return every text of a complaint that is readable without opening a payload."""
    description = await complaint.handle.describe()
    metadata = await complaint.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    listed = [
        found.raw_info async for found in complaint.client.list_workflows(f"WorkflowId = '{complaint.reference}'")
    ]
    messages = [*(await complaint.handle.fetch_history()).events, description.raw_description, metadata, *listed]
    return [text for message in messages for text in readable_texts(message)]


async def wait_until_recording_fails(complaint: ComplaintDriver) -> None:
    """Wait until the recording has failed as an activity, so that the page shows its failure."""
    async with asyncio.timeout(FAILURE_TIMEOUT_SECONDS):
        while True:
            pending = (await complaint.handle.describe()).raw_description.pending_activities
            if any(activity.HasField("last_failure") for activity in pending):
                return
            await asyncio.sleep(0.1)


ACTS_WITH_FREE_TEXT: tuple[tuple[str, type[acts.Act], str, dict[str, Any], str], ...] = (
    ("2031-03-03", acts.Acknowledge, "h.lee", {}, "was_case_handler"),
    ("2031-03-03", acts.Classify, "lead", {"concern": 2, "aspect": "not_kept_updated", "reason": FREE_TEXT}, "done"),
    ("2031-03-11", acts.Extend, "m.okafor", {"to": "2031-03-20", "explanation": FREE_TEXT}, "done"),
    ("2031-04-01", acts.Reply, "t.jones", {"outcome": "upheld", "findings": FREE_TEXT, "remedies": [REMEDY]}, "done"),
    ("2031-04-03", acts.Escalate, "intake", {"reason": FREE_TEXT}, "done"),
    ("2031-04-04", acts.AcceptReview, "lead", {"exceptionally": FREE_TEXT}, "acted_earlier"),
    ("2031-04-04", acts.AcceptReview, "i.assessor", {"exceptionally": FREE_TEXT}, "done"),
    ("2031-04-05", acts.DeclineReview, "i.assessor", {"ground": "enquiry_only", "explanation": FREE_TEXT}, "not_now"),
    (
        "2031-05-20",
        acts.GiveOpinion,
        "i.assessor",
        {"satisfactory": False, "explanation": FREE_TEXT, "recommendations": [REMEDY]},
        "done",
    ),
    ("2031-05-21", acts.Withdraw, "intake", {"reason": FREE_TEXT}, "opinion_stands"),
    (
        "2031-05-22",
        acts.AnswerRecommendation,
        "lead",
        {"recommendation": 1, "accepted": True, "reason": FREE_TEXT},
        "done",
    ),
    ("2031-07-22", acts.CloseInError, "lead", {"reason": FREE_TEXT}, "done"),
)
"""Day, act, actor, fields and answer: past lapses, chasers and an automatic escalation."""


async def send_all_acts(complaint: ComplaintDriver) -> None:
    for name, content in MALFORMED:
        await complaint.handle.signal(name, content)
    await complaint.signal(acts.Settle, explanation=FREE_TEXT)
    for day, act_type, by, fields, code in ACTS_WITH_FREE_TEXT:
        await complaint.advance_to(at(f"{day}T10:00"))
        answer = await complaint.do(act_type, by=by, **fields)
        assert answer.code == code, answer


async def read_during_outage(complaint: ComplaintDriver, tcp_proxy: TcpProxy) -> list[str]:
    """Send acts while PostgreSQL is unavailable; return the texts readable then."""
    tcp_proxy.refuse()
    await complaint.do(acts.Reassign, by="lead", to="m.silva", reason=FREE_TEXT)
    for name, content in MALFORMED:
        await complaint.handle.signal(name, content)
    await wait_until_recording_fails(complaint)
    texts = await readable_texts_of(complaint)
    tcp_proxy.restore()
    return texts


async def test_no_personal_data_is_outside_the_payloads_of_a_long_complaint(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "without-personal-data"):
            complaint = await ComplaintOpener(client, engine, "without-personal-data").open(**PERSONAL_FORM)
            texts_during_outage = await read_during_outage(complaint, tcp_proxy)
            await send_all_acts(complaint)
            recorded = await queries.read_state(engine, (await complaint.wait_until_recorded()).reference)
            texts_afterwards = await readable_texts_of(complaint)
        await behind.dispose()
    assert personal_in(texts_during_outage) == personal_in(texts_afterwards) == []
    assert recorded
    assert personal_in(str(event) for event in recorded.events) == []

    for text_on_page in ("m.silva", "record", f"record events to {recorded.sequence}", "Manager: chaser for the reply"):
        assert any(text_on_page in text for text in texts_afterwards), f"{text_on_page} was not among the texts"
    assert "Encoded failure" in texts_during_outage
    assert any("- Undertaking 2: action, due" in text for text in texts_afterwards)
    history = json.loads(
        (await plain_history(complaint.client, await complaint.handle.fetch_history())).to_json(),
        object_hook=readable_payload,
    )
    assert [part for part in PERSONAL if part not in str(history).lower()] == []


async def test_a_malformed_start_is_not_quoted_in_the_history(client: Client, worker: Worker) -> None:
    broken = {
        **PERSONAL_FORM,
        "complainant": {"name": ["Perpetua"], "email": FREE_TEXT},
        "concerns": FREE_TEXT,
        "received_at": FREE_TEXT,
    }
    handle = await client.start_workflow(
        names.WORKFLOW, {"start": {"form": broken}}, id="malformed", task_queue=worker.task_queue
    )
    async with asyncio.timeout(FAILURE_TIMEOUT_SECONDS):
        while True:
            events = (await handle.fetch_history()).events
            if any(event.HasField("workflow_task_failed_event_attributes") for event in events):
                break
            await asyncio.sleep(0.05)
    await handle.terminate()
    texts = [text for event in events for text in readable_texts(event)]
    assert personal_in(texts) == []
    plain = await plain_history(client, await handle.fetch_history())
    failures = [event.workflow_task_failed_event_attributes for event in plain.events]
    texts = [text for failure in failures for text in readable_texts(failure, is_readable=True)]
    assert any("validation errors for ComplaintInput" in text for text in texts)
    assert personal_in(texts) == []


@pytest.mark.parametrize(
    "model", [ComplaintInput, Start, ComplaintState, Event, ComplaintView, ComplaintHistory, Transition, Form, *ACTS]
)
def test_a_model_with_free_text_does_not_quote_it_in_validation_errors(model: type[BaseModel]) -> None:
    for malformed in (FREE_TEXT, {field: {"said": [FREE_TEXT]} for field in model.model_fields}):
        with pytest.raises(ValidationError) as raised:
            model.model_validate(malformed)
        assert personal_in([str(raised.value)]) == []
