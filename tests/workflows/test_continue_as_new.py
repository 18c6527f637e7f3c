"""A long-lived complaint continues as new and loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.worker import Replayer

from admin.calendar.recalendar import start
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.records.calendar_amendments import add_amendment
from complaints.temporal.client import DATA_CONVERTER, connect
from local.ephemeral_stack import ephemeral_temporal
from tests.workflows.complaint_driver import MONDAY, Case, Desk
from worker.composition import make_worker
from worker.replay.fetch_histories import fetch_all_runs
from workflows.complaint import ComplaintWorkflow

SOON = {"limit.historyCount.suggestContinueAsNew": "60"}
"""Events in a history, after which the server suggests to continue as new; its own default is 4,096."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ephemeral_temporal(SOON) as address:
        yield address


@pytest.fixture
async def desk(address: str, engine: AsyncEngine) -> AsyncIterator[Desk]:
    client = await connect({"TEMPORAL_ADDRESS": address})
    async with make_worker(client, engine, "restless"):
        yield Desk(client, engine, "restless")


async def runs(case: Case) -> int:
    return len([run async for run in case.client.list_workflows(f"WorkflowId = '{case.reference}'")])


async def replay(case: Case) -> None:
    """Replay every run. Raises where one differs."""
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER)
    async with replayer.workflow_replay_iterator(fetch_all_runs(case.client, only(case.reference))) as replayed:
        failures = [result.replay_failure async for result in replayed]
    assert len(failures) > 1
    assert set(failures) == {None}


async def only(reference: str) -> AsyncIterator[str]:
    yield reference


async def test_acts_that_arrive_while_it_continues_as_new_take_effect_once_and_in_order(desk: Desk) -> None:
    case = await desk.open()
    for number in range(25):
        await case.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        answer = await case.tell(acts.CaseClosed if number % 2 else acts.CaseReopened, by="case-system")
        assert answer.code == "done"
        if number % 5 == 0:
            await case.quiet()
    story = await case.quiet()
    given = [event.what for event in story.events if event.kind == "reassign"]
    assert given == [f"given to m.{number}" for number in range(25)]
    assert [event.sequence for event in story.events] == list(range(1, story.sequence + 1))
    assert await runs(case) > 2
    await replay(case)


async def test_many_acts_at_once_are_all_answered(desk: Desk) -> None:
    case = await desk.open()
    limit = asyncio.Semaphore(5)

    async def reassign(number: int) -> str:
        async with limit:
            return (await case.tell(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")).code

    assert set(await asyncio.gather(*(reassign(number) for number in range(40)))) == {"done"}
    assert (await case.kinds())["reassign"] == 40


async def test_deadlines_and_answers_are_carried_on(desk: Desk) -> None:
    case = await desk.open()
    first = case.act(acts.Acknowledge, "m.okafor")
    answer = await case.handle.execute_update(first.name, first, id=first.id)
    for number in range(30):
        await case.tell(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        if number % 5 == 0:
            await case.quiet()
    assert await runs(case) > 1
    assert await case.handle.execute_update(first.name, first, id=first.id) == answer
    await case.until(datetime(2031, 3, 25, tzinfo=UTC))
    story = await case.quiet()
    assert story.tier == "customer_complaints_team"
    assert [event.kind for event in story.events].count("escalated_on_lapse") == 1


async def test_the_search_attributes_stay(desk: Desk) -> None:
    case = await desk.open()
    for number in range(30):
        await case.tell(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    description = await case.handle.describe()
    held = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert (held["ComplaintHolder"], held["ComplaintTier"]) == ("m.29", "manager")
    assert held["ComplaintAspects"] == ["delay"]


async def test_a_recalendar_run_that_continues_as_new_updates_each_complaint_once(
    desk: Desk, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.recalendar.BATCH_SIZE", 1)
    policy = load_policy().model_copy(update={"region": "scotland"})
    cases = [await desk.open(policy=policy) for _ in range(8)]
    for case in cases:
        await case.quiet()
    day = date(2031, 3, 12)
    await add_amendment(engine, region="scotland", on=day, name="Funeral", by="op", at=MONDAY, reason="Announced.")
    handle = await start(desk.client, "op", "restless")
    run = await handle.result()
    assert (run.total, run.tally.redated, run.is_finished) == (8, 8, True)
    assert [(await case.kinds())["recalendar"] for case in cases] == [1] * 8
    assert len([each async for each in desk.client.list_workflows(f"WorkflowId = '{handle.id}'")]) > 1
