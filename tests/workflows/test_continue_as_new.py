"""A long-lived complaint continues as new and loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.task_queues import operations_queue
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.views.views import ComplaintHistory
from complaints.records.calendar_amendments import add_amendment
from complaints.temporal.calls import query_workflow
from complaints.temporal.client import connect
from local.ephemeral_stack import ephemeral_temporal
from starter.service.administration.recalendar import start
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from worker.composition import make_operations_worker, make_worker
from worker.replay.fetch_histories import fetch_all_runs
from worker.replay.replayer import make_replayer
from workflows import names
from workflows.complaint import ComplaintWorkflow

TASK_QUEUE = "restless"
CONTINUE_AS_NEW_OFTEN = {"limit.historyCount.suggestContinueAsNew": "60"}
"""Events in a history, after which the server suggests to continue as new; its own default is 4,096."""
CONTINUES_WITHIN = 60.0
"""Seconds."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ephemeral_temporal(CONTINUE_AS_NEW_OFTEN) as address:
        yield address


@pytest.fixture
async def opener(address: str, engine: AsyncEngine) -> AsyncIterator[ComplaintOpener]:
    client = await connect({"TEMPORAL_ADDRESS": address}, InMemoryKeys())
    async with make_worker(client, engine, TASK_QUEUE):
        yield ComplaintOpener(client, engine, TASK_QUEUE)


async def count_runs(complaint: ComplaintDriver) -> int:
    """Follow the chain of runs back: the visibility store may not list the newest yet."""
    return len([run async for run in fetch_all_runs(complaint.client, only(complaint.reference), TASK_QUEUE)])


async def wait_for_runs(complaint: ComplaintDriver, at_least: int) -> None:
    """Wait for runs: the last recording is on the record before the workflow continues as new."""
    async with asyncio.timeout(CONTINUES_WITHIN):
        while True:
            if await count_runs(complaint) >= at_least:
                return
            await asyncio.sleep(0.05)


async def replay(complaint: ComplaintDriver) -> None:
    """Replay every run. Raises where one differs."""
    replayer = make_replayer(ComplaintWorkflow, client=complaint.client)
    async with replayer.workflow_replay_iterator(
        fetch_all_runs(complaint.client, only(complaint.reference), TASK_QUEUE)
    ) as replayed:
        failures = [result.replay_failure async for result in replayed]
    assert len(failures) > 1
    assert set(failures) == {None}


async def only(reference: str) -> AsyncIterator[str]:
    yield reference


async def test_acts_during_continue_as_new_take_effect_once_and_in_order(
    opener: ComplaintOpener,
) -> None:
    complaint = await opener.open()
    for number in range(25):
        await complaint.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        answer = await complaint.do(acts.CaseClosed if number % 2 else acts.CaseReopened, by="case-system")
        assert answer.code == "done"
        if number % 5 == 0:
            await complaint.wait_until_recorded()
    history = await complaint.wait_until_recorded()
    reassigned = [event.what for event in history.events if event.kind == "reassign"]
    assert reassigned == [f"given to m.{number}" for number in range(25)]
    assert [event.sequence for event in history.events] == list(range(1, history.sequence + 1))
    await wait_for_runs(complaint, 3)
    await replay(complaint)


async def test_many_simultaneous_acts_are_all_answered(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    limit = asyncio.Semaphore(5)

    async def reassign(number: int) -> str:
        async with limit:
            return (await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")).code

    assert set(await asyncio.gather(*(reassign(number) for number in range(40)))) == {"done"}
    assert (await complaint.count_events())["reassign"] == 40


async def test_a_query_that_reaches_a_run_as_it_continues_asks_again(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    first = (await complaint.handle.describe()).run_id
    for number in range(25):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    await complaint.wait_until_recorded()
    await wait_for_runs(complaint, 2)
    continued = complaint.client.get_workflow_handle(complaint.reference, run_id=first)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await query_workflow(continued, names.STATE_QUERY, ComplaintHistory)


async def test_deadlines_answers_and_search_attributes_survive_continue_as_new(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    first = complaint.build_act(acts.Acknowledge, "m.okafor")
    answer = await complaint.handle.execute_update(first.name, first, id=first.id)
    for number in range(30):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        if number % 5 == 0:
            await complaint.wait_until_recorded()
    await wait_for_runs(complaint, 2)
    description = await complaint.handle.describe()
    attributes = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert (attributes["ComplaintHolder"], attributes["ComplaintTier"]) == ("m.29", "manager")
    assert attributes["ComplaintAspects"] == ["delay"]
    assert await complaint.handle.execute_update(first.name, first, id=first.id) == answer
    await complaint.advance_to(datetime(2031, 3, 25, tzinfo=UTC))
    history = await complaint.wait_until_recorded()
    assert history.tier == "customer_complaints_team"
    assert [event.kind for event in history.events].count("escalated_on_lapse") == 1


async def test_a_recalendar_run_that_continues_as_new_updates_each_complaint_once(
    opener: ComplaintOpener, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("BATCH_SIZE", "COMPARED_AT_A_TIME"):
        monkeypatch.setattr(f"worker.recalendar.{limit}", 1)
    policy = load_policy().model_copy(update={"region": "scotland"})
    complaints = [await opener.open(policy=policy) for _ in range(8)]
    for complaint in complaints:
        await complaint.wait_until_recorded()
    day = date(2031, 3, 12)
    await add_amendment(engine, region="scotland", on=day, name="Funeral", by="op", at=MONDAY, reason="Announced.")
    async with make_operations_worker(opener.client, engine, TASK_QUEUE):
        handle = await start(opener.client, engine, "op", TASK_QUEUE)
        run = await handle.result()
    assert (run.total, run.tally.redated, run.is_finished) == (8, 8, True)
    assert [(await complaint.count_events())["recalendar"] for complaint in complaints] == [1] * 8
    assert (
        len([each async for each in fetch_all_runs(opener.client, only(handle.id), operations_queue(TASK_QUEUE))]) > 1
    )
