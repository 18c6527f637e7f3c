"""Replays do not differ from the first run; no event is lost or repeated."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.views.views import Transition
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from complaints.records.transitions import Written, write_transition
from complaints.runtime.clock import now as real_now
from local.ephemeral_stack import EphemeralStack
from local.supervisor.processes import wait_until
from tests.fixtures.servers import WITHOUT_CACHE
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import MONDAY, RECORDING_TIMEOUT_SECONDS, ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.observability.recording_backlog import RecordingBacklog
from worker.replay.replayer import make_replayer
from workflows.complaint import ComplaintWorkflow

SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
TASK_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

TASK_QUEUE = "to-be-killed"

BY_HAND = load_policy("tries-by-hand")
FIRST, SECOND, *REST = BY_HAND.tiers
THREE_SECONDS = Allowance(seconds=3)
FAST = BY_HAND.model_copy(
    update={
        "tiers": (FIRST, SECOND.model_copy(update={"acknowledge_within": THREE_SECONDS}), *REST),
        "undertakings": BY_HAND.undertakings.model_copy(update={"within": THREE_SECONDS}),
    }
)
"""An undertaking is due three seconds after a reply, an acknowledgement three after an escalation."""

START_TIMEOUT_SECONDS = 60.0


async def test_the_history_of_a_complaint_replays(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.handle.signal("reply", None)
    await complaint.do(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.do(acts.Extend, by="h.lee", to="2031-04-01", explanation="We wait for records.")
    await complaint.advance_to(MONDAY + timedelta(days=40))
    await complaint.wait_until_recorded()
    history = await complaint.handle.fetch_history()
    replayer = make_replayer(ComplaintWorkflow, client=complaint.client)
    await replayer.replay_workflow(history)


async def test_a_complaint_with_a_new_worker_for_each_act_replays(client: Client, engine: AsyncEngine) -> None:
    """The end of a recording gives no command, so the next worker gets its task and the act's."""
    opener = ComplaintOpener(client, engine, "taken-over")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        await wait_until_no_activity_is_pending(complaint)
    for act_type, fields in (
        (acts.Acknowledge, {}),
        (acts.Reassign, {"to": "m.silva", "reason": "On leave."}),
        (acts.Extend, {"to": "2031-03-31", "explanation": "We wait for records."}),
    ):
        update = asyncio.create_task(complaint.do(act_type, **fields))
        async with make_worker(client, engine, opener.task_queue):
            assert (await update).code == "done"
            await wait_until_no_activity_is_pending(complaint)
    history = await complaint.handle.fetch_history()
    await make_replayer(ComplaintWorkflow, client=client).replay_workflow(history)


async def test_a_deadline_during_a_slow_local_activity_replays(client: Client, engine: AsyncEngine) -> None:
    """In real time. The end of a local activity moves Temporal's time, but not in a replay."""

    async def slowly(transition: Transition) -> Written:
        await asyncio.sleep(0.7)
        return await write_transition(engine, transition)

    opener, now = ComplaintOpener(client, engine, "slow-record"), real_now()
    async with make_worker(client, engine, opener.task_queue, backlog=RecordingBacklog(slowly)):
        complaint = await opener.open(now=now, policy=FAST, received_at=now, told_case_handler_on=str(now.date()))
        remedy = {"kind": "compensation", "pence": 5_000}
        await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[remedy])
        await asyncio.sleep(0.5)
        await complaint.do(acts.Escalate, by="intake")
        async with asyncio.timeout(RECORDING_TIMEOUT_SECONDS):
            while True:
                if await _count_recorded(engine, complaint, "lapsed") == 2:
                    break
                await asyncio.sleep(0.05)
        assert (await complaint.wait_until_recorded()).overdue
        assert (await complaint.count_events())["lapsed"] == 2
        history = await complaint.handle.fetch_history()
    await make_replayer(ComplaintWorkflow, client=client).replay_workflow(history)


async def test_a_workflow_task_in_which_a_signal_arrives_leaves_a_command(client: Client, engine: AsyncEngine) -> None:
    """Also during a slow recording. Without a command, a replay may apply the signal later."""

    async def slowly(transition: Transition) -> Written:
        await asyncio.sleep(0.5)
        return await write_transition(engine, transition)

    opener = ComplaintOpener(client, engine, "slow-signals")
    async with make_worker(client, engine, opener.task_queue, backlog=RecordingBacklog(slowly)):
        complaint = await opener.open()
        for _ in range(3):
            await complaint.handle.signal("bogus")
            await asyncio.sleep(0.1)
        await complaint.wait_until_recorded()
        events = (await complaint.handle.fetch_history()).events
    signalled = [number for number, event in enumerate(events) if event.event_type == SIGNALED]
    assert len(signalled) == 3
    for number in signalled:
        done = next(n for n, event in enumerate(events[number:], number) if event.event_type == TASK_COMPLETED)
        assert events[done + 1].event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES


async def test_a_query_without_the_workflow_in_memory_applies_no_input_early(
    client: Client, engine: AsyncEngine
) -> None:
    """A query waits for a worker while an act arrives: the worker gets both, the query first."""
    opener, now = ComplaintOpener(client, engine, "queried-before-acts"), real_now()
    async with make_worker(client, engine, opener.task_queue):
        complaints = [
            await opener.open(now=now, policy=BY_HAND, received_at=now, told_case_handler_on=str(now.date()))
            for _ in range(5)
        ]
        for complaint in complaints:
            await complaint.wait_until_recorded()
            await wait_until_no_activity_is_pending(complaint)
    asking = [asyncio.create_task(complaint.query_history()) for complaint in complaints]
    await asyncio.sleep(1)
    sent_at = real_now()
    for complaint in complaints:
        await complaint.signal(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
    async with make_worker(client, engine, opener.task_queue):
        await asyncio.gather(*asking)
        for complaint in complaints:
            history = await complaint.check_agreement()
            [reassigned] = [event for event in history.events if event.kind == "reassign"]
            assert reassigned.at >= sent_at
    async with make_worker(client, engine, opener.task_queue):
        for complaint in complaints:
            await complaint.check_agreement()


async def _count_recorded(engine: AsyncEngine, complaint: ComplaintDriver, kind: str) -> int:
    """Count by the record: a query would wake the workflow."""
    return [event.kind for event in (await queries.read_events(engine, complaint.reference)).values()].count(kind)


async def wait_until_no_activity_is_pending(complaint: ComplaintDriver) -> None:
    """Wait until the workflow knows that all is recorded."""
    async with asyncio.timeout(RECORDING_TIMEOUT_SECONDS):
        while True:
            if not (await complaint.handle.describe()).raw_description.pending_activities:
                break
            await asyncio.sleep(0.02)
    await complaint.query_history()


async def test_a_worker_without_cache_runs_through_an_outage_of_postgresql(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "without-cache", settings=WITHOUT_CACHE):
            complaint = await ComplaintOpener(client, engine, "without-cache").open()
            tcp_proxy.refuse()
            await complaint.handle.signal("bogus")
            await complaint.do(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
            await complaint.handle.cancel()
            await complaint.do(acts.Acknowledge, by="h.lee")
            tcp_proxy.restore()
            await complaint.wait_until_recorded()
            await complaint.advance_to(MONDAY + timedelta(days=4))
            await asyncio.gather(*(complaint.do(acts.Acknowledge) for _ in range(3)))
            await complaint.wait_until_recorded()
            await complaint.advance_to(MONDAY + timedelta(days=40))
            history = await complaint.wait_until_recorded()
        await behind.dispose()
    kinds = Counter(event.kind for event in history.events)
    assert (kinds["acknowledge"], kinds["escalated_on_lapse"]) == (1, 1)
    assert kinds["refused"] in (3, 4, 5), "simultaneous acknowledgements may be answered without a recorded refusal"
    replayer = make_replayer(ComplaintWorkflow, client=complaint.client)
    await replayer.replay_workflow(await complaint.handle.fetch_history())


async def test_a_killed_worker_loses_and_repeats_no_event(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    opener = ComplaintOpener(client, engine, TASK_QUEUE)
    async with worker_process(stack, tmp_path) as killed:
        complaints = [await opener.open() for _ in range(4)]
        sending = [asyncio.create_task(_update_until_answered(complaint)) for complaint in complaints]
        await asyncio.sleep(0.3)
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    async with worker_process(stack, tmp_path):
        await asyncio.gather(*sending)
        for complaint in complaints:
            history = await complaint.wait_until_recorded()
            assert [event.sequence for event in history.events] == list(range(1, history.sequence + 1))
            kinds = Counter(event.kind for event in history.events)
            assert (kinds["reassign"], kinds["acknowledge"], kinds["deadline_set"]) == (20, 1, 2)


async def test_a_worker_killed_between_commit_and_answer_loses_and_repeats_no_event(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    opener = ComplaintOpener(client, engine, TASK_QUEUE)
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        async with worker_process(stack, tmp_path, tcp_proxy.url) as killed:
            complaint = await opener.open()
            await complaint.wait_until_recorded()
            committed = tcp_proxy.stall_at_commit()
            await complaint.do(acts.Acknowledge)
            await committed.wait()
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                while (
                    recorded := await queries.read_history(engine, complaint.reference)
                ) != await complaint.query_history():
                    assert recorded
            killed.send_signal(signal.SIGKILL)
            await killed.wait()
            tcp_proxy.restore()
        async with worker_process(stack, tmp_path, tcp_proxy.url):
            await complaint.do(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
            history = await complaint.check_agreement()
    kinds = Counter(event.kind for event in history.events)
    assert (kinds["acknowledge"], kinds["reassign"], kinds["deadline_met"]) == (1, 1, 1)
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in (await complaint.handle.fetch_history()).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    assert attempts == [1, 2, 1]


async def _update_until_answered(complaint: ComplaintDriver) -> None:
    """Send each act until it is answered, under its id, as an intake system would."""
    reassignments = [
        complaint.build_act(acts.Reassign, "lead", to=f"m.{number}", reason="On leave.") for number in range(20)
    ]
    for act in [*reassignments, complaint.build_act(acts.Acknowledge, "m.okafor")]:
        while True:
            try:
                async with asyncio.timeout(3):
                    await complaint.handle.execute_update(act.name, act, id=act.id)
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
        **stack.key_settings,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", "run"),
        env={**os.environ, **settings},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await asyncio.to_thread(wait_until, ready.exists, patience=START_TIMEOUT_SECONDS)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
