"""Acts as updates and signals: an update is answered at once, a signal is never lost."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from chaos.temporal_cli import temporal_command
from complaints.procedure import acts
from complaints.procedure.acts import ACTS
from complaints.procedure.state import Answer
from local.ephemeral_stack import EphemeralStack
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from tests.workflows.malformed_signals import MALFORMED_SIGNALS
from worker.composition import make_worker


async def test_an_update_is_answered_with_the_complaints_state(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    answer = await complaint.do(acts.Acknowledge)
    assert answer.code == "done"
    assert (answer.status, answer.tier, answer.holder) == ("awaiting_reply", "manager", "m.okafor")


async def test_a_refused_update_has_a_code_and_changes_nothing(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    before = await complaint.query_history()
    answer = await complaint.do(acts.Settle, explanation="We rang.")
    assert answer.code == "not_now"
    assert await complaint.query_history() == before


async def test_an_unauthorised_act_is_answered_and_recorded(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    answer = await complaint.do(acts.Acknowledge, by="h.lee")
    assert answer.code == "was_case_handler"
    kinds = await complaint.count_events()
    assert (kinds["refused"], kinds["alerted"], kinds["acknowledge"]) == (1, 2, 0)


async def test_the_same_id_takes_effect_once_and_gets_the_same_answer_as_update_or_signal(
    opener: ComplaintOpener,
) -> None:
    complaint = await opener.open()
    act = complaint.build_act(acts.Acknowledge, "m.okafor")
    first = await complaint.handle.execute_update(act.name, act, id=act.id, result_type=Answer)
    await complaint.handle.signal(act.name, act)
    again = await complaint.handle.execute_update(act.name, act, id="another-update-id", result_type=Answer)
    assert first == again
    assert (await complaint.count_events())["acknowledge"] == 1


async def test_other_content_under_a_known_id_is_refused_as_update_and_signal(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    first = complaint.build_act(acts.Reassign, "lead", to="m.1", reason="On leave.")
    await complaint.handle.execute_update(first.name, first, id=first.id)
    other = first.model_copy(update={"to": "m.2"})
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await complaint.handle.execute_update(other.name, other, id="another-update-id")
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "id_taken"
    await complaint.handle.signal(other.name, other)
    kinds = await complaint.count_events()
    assert (kinds["reassign"], kinds["refused"]) == (1, 1)


async def test_a_signal_counts_from_the_time_when_it_was_sent(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.advance_to(MONDAY + timedelta(days=3))
    assert (await complaint.count_events())["lapsed"] == 1
    await complaint.signal(acts.Acknowledge, made_at=MONDAY + timedelta(days=1))
    history = await complaint.wait_until_recorded()
    assert history.deadlines[0].met_at == MONDAY + timedelta(days=1)
    assert history.deadlines[0].lapsed_at is None


async def test_a_signal_that_is_not_allowed_is_recorded_as_refused(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.signal(acts.Settle, by="h.lee", explanation="We rang.")
    [refused] = [event for event in (await complaint.wait_until_recorded()).events if event.kind == "refused"]
    assert refused.by == "h.lee"
    assert refused.what.startswith("settle by h.lee refused: ")


@pytest.mark.parametrize(("name", "args"), MALFORMED_SIGNALS)
async def test_a_malformed_signal_is_recorded_as_refused_and_blocks_nothing(
    opener: ComplaintOpener, name: str, args: list[object]
) -> None:
    complaint = await opener.open()
    await complaint.handle.signal(name, args=args)
    assert (await complaint.count_events())["refused"] == 1
    assert (await complaint.do(acts.Acknowledge)).code == "done"


async def test_an_update_without_its_act_is_refused_and_blocks_nothing(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    for args in ([], [1, 2], [{"id": 1}]):
        with pytest.raises(Exception, match="update"):
            await complaint.handle.execute_update("acknowledge", args=args)
    assert (await complaint.do(acts.Acknowledge)).code == "done"


async def test_an_update_of_three_megabytes_is_refused_and_blocks_nothing(
    opener: ComplaintOpener, stack: EphemeralStack, tmp_path: Path
) -> None:
    """Sent by Temporal's own command, which has no limit."""
    complaint = await opener.open()
    much = tmp_path / "much.json"
    much.write_text(json.dumps({"id": "much", "by": "m.okafor", "explanation": "x" * 3 * 1024 * 1024}))
    which = ("--workflow-id", complaint.reference, "--name", "settle", "--input-file", str(much))
    refused = asyncio.create_task(temporal_command(stack.temporal_address, "workflow", "update", "execute", *which))
    async with asyncio.timeout(5):
        assert await refused != 0
        assert (await complaint.do(acts.Acknowledge)).code == "done"
    assert (await complaint.count_events())["refused"] == 0


async def test_two_simultaneous_replies_leave_one_reply_and_one_refusal(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    answers = await asyncio.gather(
        *(complaint.do(acts.Reply, by=by, outcome="upheld", findings="We were slow.") for by in ("m.okafor", "m.silva"))
    )
    assert sorted(answer.code for answer in answers) == ["already_done", "done"]
    assert (await complaint.count_events())["reply"] == 1


async def test_every_act_is_an_update_with_a_description(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    described = await complaint.handle.query("__temporal_workflow_metadata")
    definitions = described.definition.update_definitions
    assert {d.name: d.description for d in definitions} == {act.name: act.description for act in ACTS}


async def test_an_act_before_the_first_task_finds_the_complaint_ready(opener: ComplaintOpener) -> None:
    complaint = await opener.open(advance=False)
    await complaint.signal(acts.Withdraw, made_at=MONDAY)
    await complaint.advance_to(MONDAY + timedelta(seconds=1))
    kinds = [event.kind for event in (await complaint.query_history()).events]
    assert kinds.index("opened") < kinds.index("withdraw") < kinds.index("closed")


async def test_a_request_to_cancel_is_recorded_as_refused_and_keeps_every_deadline(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    for _ in range(2):
        await complaint.handle.cancel()
    await complaint.advance_to(MONDAY + timedelta(days=3))
    kinds = await complaint.count_events()
    assert (kinds["refused"], kinds["lapsed"]) == (1, 1)
    assert (await complaint.do(acts.Acknowledge)).code == "done"
    assert (await complaint.wait_until_recorded()).status == "awaiting_reply"


async def test_signals_that_arrive_together_cause_one_upsert(client: Client, engine: AsyncEngine) -> None:
    opener = ComplaintOpener(client, engine, "many-signals")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
    for number in range(30):
        await complaint.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    async with make_worker(client, engine, opener.task_queue):
        assert (await complaint.wait_until_recorded()).holder == "m.29"
    # One each for the assignment, the arrival of the signals, and their effects.
    upserts = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    happened = Counter(event.event_type for event in (await complaint.handle.fetch_history()).events)
    assert (happened[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED], happened[upserts]) == (30, 3)
