"""Replays: nothing differs from the first run, nothing is lost or doubled."""

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

from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.views.views import Transition
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now as real_now
from complaints.temporal.client import DATA_CONVERTER
from local.ephemeral_stack import EphemeralStack
from local.supervisor.processes import wait_until
from tests.fixtures.tcp_proxy import Line
from tests.workflows.complaint_driver import MONDAY, QUIET_WITHIN, Case, Desk
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.observability.recording_backlog import RecordingBacklog
from workflows.complaint import ComplaintWorkflow

SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
TASK_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

TASK_QUEUE = "to-be-killed"

UNHURRIED = load_policy("tries-by-hand")
FIRST, SECOND, *REST = UNHURRIED.tiers
SOON = Allowance(seconds=3)
HURRIED = UNHURRIED.model_copy(
    update={
        "tiers": (FIRST, SECOND.model_copy(update={"acknowledge_within": SOON}), *REST),
        "undertakings": UNHURRIED.undertakings.model_copy(update={"within": SOON}),
    }
)
"""An undertaking is due three seconds after a reply, an acknowledgement three after an escalation."""

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
    """The end of a recording gives no command, so the next worker gets its task and the act's."""
    desk = Desk(client, engine, "taken-over")
    async with make_worker(client, engine, desk.task_queue):
        case = await desk.open()
        await without_pending_activity(case)
    for act_type, fields in (
        (acts.Acknowledge, {}),
        (acts.Reassign, {"to": "m.silva", "reason": "On leave."}),
        (acts.Extend, {"to": "2031-03-31", "explanation": "We wait for records."}),
    ):
        update = asyncio.create_task(case.tell(act_type, **fields))
        async with make_worker(client, engine, desk.task_queue):
            assert (await update).code == "done"
            await without_pending_activity(case)
    history = await case.handle.fetch_history()
    await Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER).replay_workflow(history)


async def test_a_deadline_during_a_slow_local_activity_replays_without_a_difference(
    client: Client, engine: AsyncEngine
) -> None:
    """In real time. The end of a local activity moves Temporal's time, but not in a replay."""

    async def slowly(transition: Transition) -> None:
        await asyncio.sleep(0.7)
        await write_transition(engine, transition)

    desk, now = Desk(client, engine, "slow-record"), real_now()
    async with make_worker(client, engine, desk.task_queue, backlog=RecordingBacklog(slowly)):
        case = await desk.open(now=now, policy=HURRIED, received_at=now, told_case_handler_on=str(now.date()))
        remedy = {"kind": "compensation", "pence": 5_000}
        await case.tell(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[remedy])
        await asyncio.sleep(0.5)
        await case.tell(acts.Escalate, by="intake")
        await asyncio.sleep(3.5)
        assert (await case.quiet()).overdue
        assert (await case.kinds())["lapsed"] == 2
        history = await case.handle.fetch_history()
    await Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER).replay_workflow(history)


async def test_a_workflow_task_in_which_a_signal_arrives_leaves_a_command(client: Client, engine: AsyncEngine) -> None:
    """Also during a slow recording. Without a command, a replay may apply the signal later."""

    async def slowly(transition: Transition) -> None:
        await asyncio.sleep(0.5)
        await write_transition(engine, transition)

    desk = Desk(client, engine, "slow-signals")
    async with make_worker(client, engine, desk.task_queue, backlog=RecordingBacklog(slowly)):
        case = await desk.open()
        for _ in range(3):
            await case.handle.signal("bogus")
            await asyncio.sleep(0.1)
        await case.quiet()
        events = (await case.handle.fetch_history()).events
    signalled = [number for number, event in enumerate(events) if event.event_type == SIGNALED]
    assert len(signalled) == 3
    for number in signalled:
        done = next(n for n, event in enumerate(events[number:], number) if event.event_type == TASK_COMPLETED)
        assert events[done + 1].event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES


async def test_a_query_without_the_workflow_in_memory_applies_no_input_early(
    client: Client, engine: AsyncEngine
) -> None:
    """A query waits for a worker while an act arrives: the worker gets both, the query first."""
    desk, now = Desk(client, engine, "asked-amidst"), real_now()
    async with make_worker(client, engine, desk.task_queue):
        cases = [
            await desk.open(now=now, policy=UNHURRIED, received_at=now, told_case_handler_on=str(now.date()))
            for _ in range(5)
        ]
        for case in cases:
            await case.quiet()
            await without_pending_activity(case)
    asking = [asyncio.create_task(case.story()) for case in cases]
    await asyncio.sleep(1)
    sent_at = real_now()
    for case in cases:
        await case.signal(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
    async with make_worker(client, engine, desk.task_queue):
        await asyncio.gather(*asking)
        for case in cases:
            story = await case.agree()
            [reassigned] = [event for event in story.events if event.kind == "reassign"]
            assert reassigned.at >= sent_at
    async with make_worker(client, engine, desk.task_queue):
        for case in cases:
            await case.agree()


async def without_pending_activity(case: Case) -> None:
    """Wait until the workflow knows that all is recorded."""
    async with asyncio.timeout(QUIET_WITHIN):
        while True:
            if not (await case.handle.describe()).raw_description.pending_activities:
                break
            await asyncio.sleep(0.02)
    await case.story()


async def test_a_worker_without_cache_runs_a_story_with_an_outage_of_postgresql(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.composition.Worker", partial(Worker, max_cached_workflows=0))
    async with Line.to(stack.database_url) as line:
        behind = make_engine(line.url, pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "forgetful"):
            case = await Desk(client, engine, "forgetful").open()
            line.refuse()
            await case.handle.signal("bogus")
            await case.tell(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
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
    assert (happened["acknowledge"], happened["escalated_on_lapse"]) == (1, 1)
    assert happened["refused"] in (3, 4, 5), "of those who acknowledge at the same moment, who is not heard at once"
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
                while (recorded := await queries.read_history(engine, case.reference)) != await case.story():
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
    """Send each act until it is answered, under its id, as an intake system would."""
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
    """Start a real worker and wait until it is ready. Kill it at the end."""
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
