"""Acts as updates and signals: an update is answered at once, a signal is never lost."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from chaos.temporal_cli import temporal_command
from complaints.procedure import acts
from complaints.procedure.acts import ACTS
from complaints.procedure.state import Answer
from local.ephemeral_stack import EphemeralStack
from tests.workflows.complaint_driver import MONDAY, Desk
from tests.workflows.malformed_signals import POISON
from worker.composition import make_worker


async def test_an_update_is_answered_with_the_complaints_state(desk: Desk) -> None:
    case = await desk.open()
    answer = await case.tell(acts.Acknowledge)
    assert answer.code == "done"
    assert (answer.status, answer.tier, answer.holder) == ("awaiting_reply", "manager", "m.okafor")


async def test_a_refused_update_has_a_code_and_changes_nothing(desk: Desk) -> None:
    case = await desk.open()
    before = await case.story()
    answer = await case.tell(acts.Settle, explanation="We rang.")
    assert answer.code == "not_now"
    assert await case.story() == before


async def test_a_refusal_about_who_may_act_is_answered_and_recorded(desk: Desk) -> None:
    case = await desk.open()
    answer = await case.tell(acts.Acknowledge, by="h.lee")
    assert answer.code == "was_case_handler"
    kinds = await case.kinds()
    assert (kinds["refused"], kinds["alerted"], kinds["acknowledge"]) == (1, 1, 0)


async def test_the_same_id_takes_effect_once_and_gets_the_same_answer_as_update_or_signal(desk: Desk) -> None:
    case = await desk.open()
    act = case.act(acts.Acknowledge, "m.okafor")
    first = await case.handle.execute_update(act.name, act, id=act.id, result_type=Answer)
    await case.handle.signal(act.name, act)
    again = await case.handle.execute_update(act.name, act, id="another-update-id", result_type=Answer)
    assert first == again
    assert (await case.kinds())["acknowledge"] == 1


async def test_a_signal_is_judged_by_when_it_was_sent(desk: Desk) -> None:
    case = await desk.open()
    await case.until(MONDAY + timedelta(days=3))
    assert (await case.kinds())["lapsed"] == 1
    await case.signal(acts.Acknowledge, made_at=MONDAY + timedelta(days=1))
    story = await case.quiet()
    assert story.deadlines[0].met_at == MONDAY + timedelta(days=1)
    assert story.deadlines[0].lapsed_at is None


async def test_a_signal_that_is_not_allowed_is_recorded_as_refused(desk: Desk) -> None:
    case = await desk.open()
    await case.signal(acts.Settle, by="h.lee", explanation="We rang.")
    [refused] = [event for event in (await case.quiet()).events if event.kind == "refused"]
    assert refused.by == "h.lee"
    assert refused.what.startswith("settle refused: ")


@pytest.mark.parametrize(("name", "args"), POISON)
async def test_a_poisonous_signal_is_recorded_as_refused_and_blocks_nothing(
    desk: Desk, name: str, args: list[object]
) -> None:
    case = await desk.open()
    await case.handle.signal(name, args=args)
    assert (await case.kinds())["refused"] == 1
    assert (await case.tell(acts.Acknowledge)).code == "done"


async def test_an_update_without_its_act_is_refused_and_blocks_nothing(desk: Desk) -> None:
    case = await desk.open()
    for args in ([], [1, 2], [{"id": 1}]):
        with pytest.raises(Exception, match="update"):
            await case.handle.execute_update("acknowledge", args=args)
    assert (await case.tell(acts.Acknowledge)).code == "done"


async def test_an_update_of_three_megabytes_is_refused_and_blocks_nothing(
    desk: Desk, stack: EphemeralStack, tmp_path: Path
) -> None:
    """Sent by Temporal's own command, which has no limit."""
    case = await desk.open()
    much = tmp_path / "much.json"
    much.write_text(json.dumps({"id": "much", "by": "m.okafor", "explanation": "x" * 3 * 1024 * 1024}))
    which = ("--workflow-id", case.reference, "--name", "settle", "--input-file", str(much))
    refused = asyncio.create_task(temporal_command(stack.temporal_address, "workflow", "update", "execute", *which))
    async with asyncio.timeout(5):
        assert await refused != 0
        assert (await case.tell(acts.Acknowledge)).code == "done"
    assert (await case.kinds())["refused"] == 0


async def test_two_managers_at_once_leave_one_reply_and_one_refusal(desk: Desk) -> None:
    case = await desk.open()
    answers = await asyncio.gather(
        *(case.tell(acts.Reply, by=by, outcome="upheld", findings="We were slow.") for by in ("m.okafor", "m.silva"))
    )
    assert sorted(answer.code for answer in answers) == ["already_done", "done"]
    assert (await case.kinds())["reply"] == 1


async def test_every_act_is_an_update_with_a_description(desk: Desk) -> None:
    case = await desk.open()
    described = await case.handle.query("__temporal_workflow_metadata")
    definitions = described.definition.update_definitions
    assert {d.name: d.description for d in definitions} == {act.name: act.description for act in ACTS}


async def test_an_act_before_the_first_task_finds_the_complaint_ready(desk: Desk) -> None:
    case = await desk.open(advance=False)
    await case.signal(acts.Withdraw, made_at=MONDAY)
    await case.until(MONDAY + timedelta(seconds=1))
    kinds = [event.kind for event in (await case.story()).events]
    assert kinds.index("opened") < kinds.index("withdraw") < kinds.index("closed")


async def test_a_request_to_cancel_is_recorded_as_refused_and_takes_no_deadline_away(desk: Desk) -> None:
    case = await desk.open()
    for _ in range(2):
        await case.handle.cancel()
    await case.until(MONDAY + timedelta(days=3))
    kinds = await case.kinds()
    assert (kinds["refused"], kinds["lapsed"]) == (1, 1)
    assert (await case.tell(acts.Acknowledge)).code == "done"
    assert (await case.quiet()).status == "awaiting_reply"


async def test_signals_that_arrive_together_cause_one_upsert(client: Client, engine: AsyncEngine) -> None:
    desk = Desk(client, engine, "away-for-a-while")
    async with make_worker(client, engine, desk.task_queue):
        case = await desk.open()
        await case.quiet()
    for number in range(30):
        await case.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    async with make_worker(client, engine, desk.task_queue):
        assert (await case.quiet()).holder == "m.29"
    # One each for the assignment, the arrival of the signals, and their effects.
    upserts = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    happened = Counter(event.event_type for event in (await case.handle.fetch_history()).events)
    assert (happened[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED], happened[upserts]) == (30, 3)
