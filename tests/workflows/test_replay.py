"""What a worker forgets, or never knew, it learns from the history: nothing differs, nothing is lost or doubled."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError
from temporalio.worker import Replayer, Worker

from complaints.procedure import acts
from complaints.records import reading
from complaints.records.engine import make_engine
from complaints.temporal import DATA_CONVERTER
from local.ephemeral import EphemeralStack
from local.processes import wait_until
from tests.records.line import Line
from tests.workflows.desk import MONDAY, QUIET_WITHIN, Case, Desk
from worker.composition import RECORDS_AT_ONCE, make_worker
from workflows.complaint import ComplaintWorkflow

TASK_QUEUE = "to-be-killed"
READY_WITHIN = 20.0


async def test_the_history_of_a_complaint_replays_without_a_difference(desk: Desk) -> None:
    case = await desk.open()
    await case.tell(acts.Acknowledge)
    await case.handle.signal("reply", None)
    await case.tell(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await case.tell(acts.Extend, by="h.lee", to="2031-04-01", explanation="We wait for records.")
    await case.until(MONDAY + timedelta(days=40))
    await case.quiet()
    history = await case.handle.fetch_history()
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(history)


async def test_a_complaint_that_a_new_worker_takes_over_for_each_act_replays_without_a_difference(
    client: Client, engine: AsyncEngine
) -> None:
    """The end of a recording gives no command: who takes over has its task and the act's before him."""
    desk = Desk(client, engine, "taken-over")
    async with make_worker(client, engine, desk.task_queue):
        case = await desk.open()
        await without_pending_activity(case)
    for act_type, fields in (
        (acts.Acknowledge, {}),
        (acts.Reassign, {"to": "m.silva", "reason": "On leave."}),
        (acts.Extend, {"to": "2031-03-31", "explanation": "We wait for records."}),
    ):
        told = asyncio.create_task(case.tell(act_type, **fields))
        async with make_worker(client, engine, desk.task_queue):
            assert (await told).code == "done"
            await without_pending_activity(case)
    history = await case.handle.fetch_history()
    await Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER).replay_workflow(history)


async def without_pending_activity(case: Case) -> None:
    """Once the workflow knows that all is recorded."""
    async with asyncio.timeout(QUIET_WITHIN):
        while True:
            if not (await case.handle.describe()).raw_description.pending_activities:
                break
            await asyncio.sleep(0.02)
    await case.story()


async def test_a_worker_that_remembers_nothing_lives_a_story_with_postgres_away_for_a_while(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.composition.Worker", partial(Worker, max_cached_workflows=0))
    async with Line.to(stack.database_url) as line:
        behind = make_engine(line.url, pool_size=RECORDS_AT_ONCE)
        async with make_worker(client, behind, "forgetful"):
            case = await Desk(client, engine, "forgetful").open()
            line.refuse()
            await case.handle.signal("bogus")
            await case.tell(acts.Reassign, to="m.silva", reason="On leave.")
            await case.handle.cancel()
            await case.tell(acts.Acknowledge, by="h.lee")
            line.revive()
            await case.quiet()
            await case.until(MONDAY + timedelta(days=4))
            await asyncio.gather(*(case.tell(acts.Acknowledge) for _ in range(3)))
            await case.quiet()
            await case.until(MONDAY + timedelta(days=40))
            story = await case.quiet()
        await behind.dispose()
    happened = Counter(event.kind for event in story.events)
    assert (happened["refused"], happened["acknowledge"], happened["escalated_on_lapse"]) == (3, 1, 1)
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(await case.handle.fetch_history())


async def test_a_killed_worker_loses_and_doubles_nothing(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    desk = Desk(client, engine, TASK_QUEUE)
    async with worker_process(stack, tmp_path) as doomed:
        cases = [await desk.open() for _ in range(8)]
        sending = [asyncio.create_task(_insist(case)) for case in cases]
        await asyncio.sleep(0.3)
        doomed.send_signal(signal.SIGKILL)
        await doomed.wait()
    async with worker_process(stack, tmp_path):
        await asyncio.gather(*sending)
        for case in cases:
            story = await case.quiet()
            assert [event.sequence for event in story.events] == list(range(1, story.sequence + 1))
            happened = Counter(event.kind for event in story.events)
            assert (happened["reassign"], happened["acknowledge"], happened["deadline_set"]) == (20, 1, 2)


async def test_a_worker_killed_between_the_databases_commit_and_its_answer_loses_and_doubles_nothing(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    desk = Desk(client, engine, TASK_QUEUE)
    async with Line.to(stack.database_url) as line:
        async with worker_process(stack, tmp_path, line.url) as doomed:
            case = await desk.open()
            await case.quiet()
            committed = line.die_at_commit()
            await case.tell(acts.Acknowledge)
            await committed.wait()
            async with asyncio.timeout(READY_WITHIN):
                while (recorded := await reading.story(engine, case.reference)) != await case.story():
                    assert recorded
            doomed.send_signal(signal.SIGKILL)
            await doomed.wait()
            line.revive()
        async with worker_process(stack, tmp_path, line.url):
            await case.tell(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
            story = await case.agree()
    happened = Counter(event.kind for event in story.events)
    assert (happened["acknowledge"], happened["reassign"], happened["deadline_met"]) == (1, 1, 1)
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in (await case.handle.fetch_history()).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    assert attempts == [1, 2, 1]


async def _insist(case: Case) -> None:
    """Each act until it is answered, under its id, as an intake system would."""
    wanted = [case.act(acts.Reassign, "lead", to=f"m.{number}", reason="On leave.") for number in range(20)]
    for act in [*wanted, case.act(acts.Acknowledge, "m.okafor")]:
        while True:
            try:
                async with asyncio.timeout(3):
                    await case.handle.execute_update(act.name, act, id=act.id)
                break
            except (TimeoutError, RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
                continue


@asynccontextmanager
async def worker_process(
    stack: EphemeralStack, folder: Path, database_url: str | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real worker, ready; killed at the end if it still runs."""
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    settings = {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": database_url or stack.database_url,
        "COMPLAINTS_TASK_QUEUE": TASK_QUEUE,
        "COMPLAINTS_READY_FILE": str(ready),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", "run"),
        env={**os.environ, **settings},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await asyncio.to_thread(wait_until, ready.exists, patience=READY_WITHIN)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
