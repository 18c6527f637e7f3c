"""One complaint's clock moves, and no other; errors say what cannot be moved."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from complaints.temporal import virtual_time
from complaints.temporal.client import connect
from complaints.temporal.virtual_time import (
    CannotAdvanceError,
    UnknownComplaintError,
    VirtualStart,
    advance,
    advance_to,
    read_clock,
)
from local.ephemeral_stack import ephemeral_temporal
from local.servers.temporal import temporal
from local.supervisor.ports import free_port
from local.supervisor.stack import Stack

START = datetime(2040, 3, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLACK = timedelta(seconds=3)
"""How far past the wanted instant a clock may be: it goes on running."""


@workflow.defn(name="Ticks")
class Ticks:
    """Pass a given number of timers, and note when each fired."""

    def __init__(self) -> None:
        self.instants: list[datetime] = []

    @workflow.run
    async def run(self, ticks: int, seconds: float) -> None:
        self.instants.append(workflow.now())
        for _ in range(ticks):
            await workflow.sleep(seconds)
            self.instants.append(workflow.now())

    @workflow.query
    def seen(self) -> list[datetime]:
        return self.instants


@workflow.defn(name="Fails")
class Fails:
    """Tries an activity that never succeeds."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(never, start_to_close_timeout=timedelta(seconds=5))


@activity.defn(name="never")
async def never() -> None:
    raise RuntimeError("never")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ephemeral_temporal() as address:
        yield address


@pytest_asyncio.fixture(scope="module")
async def client(address: str) -> Client:
    return await connect({"TEMPORAL_ADDRESS": address})


@asynccontextmanager
async def run_worker(client: Client) -> AsyncIterator[None]:
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue="t", workflows=[Ticks, Fails], activities=[never], workflow_runner=runner):
        yield


async def start_ticks(client: Client, reference: str, number: int, every: timedelta) -> WorkflowHandle[Ticks, None]:
    return await client.start_workflow(Ticks.run, args=[number, every.total_seconds()], id=reference, task_queue="t")


async def test_what_is_due_on_the_way_happens_at_its_own_instant(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "way", 5, DAY)
        begun = await read_clock(client, "way")
        now = await advance(client, "way", 3 * DAY)
        assert begun + 3 * DAY < now < begun + 3 * DAY + SLACK
        seen = await handle.query(Ticks.seen)
        assert [round((at - seen[0]) / DAY, 3) for at in seen] == [0, 1, 2, 3]


async def test_a_clock_is_just_past_the_wanted_instant_and_never_before(client: Client) -> None:
    async with run_worker(client):
        await start_ticks(client, "exact", 50, DAY)
        wanted = await read_clock(client, "exact") + 10 * DAY
        for _ in range(5):
            assert wanted < await advance_to(client, "exact", wanted) < wanted + SLACK
            wanted += timedelta(minutes=7)


async def test_an_instant_that_has_passed_moves_nothing(client: Client) -> None:
    async with run_worker(client):
        await start_ticks(client, "past", 5, DAY)
        begun = await read_clock(client, "past")
        assert await advance_to(client, "past", begun - DAY) < begun + SLACK
        with pytest.raises(CannotAdvanceError, match="forward only"):
            await advance(client, "past", -DAY)


async def test_what_starts_at_a_virtual_instant_sees_that_instant_first(address: str) -> None:
    client = await connect({"TEMPORAL_ADDRESS": address}, [VirtualStart(START)])
    async with run_worker(client):
        handle = await start_ticks(client, "start", 5, DAY)
        assert START < await advance_to(client, "start", START) < START + SLACK
        [first] = await handle.query(Ticks.seen)
        assert START <= first < START + SLACK


async def test_a_long_time_is_taken_in_parts(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "long", 90, DAY - timedelta(minutes=1))
        begun = await read_clock(client, "long")
        assert begun + 70 * DAY < await advance(client, "long", 70 * DAY) < begun + 70 * DAY + SLACK
        assert len(await handle.query(Ticks.seen)) == 1 + 70


async def test_when_the_server_grants_no_more_skips_the_rest_is_taken_as_a_new_part(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virtual_time, "MAX_SKIPS", 5)
    monkeypatch.setattr(virtual_time, "IDLE_SECONDS", 0.5)
    async with run_worker(client):
        handle = await start_ticks(client, "skips", 20, HOUR)
        begun = await read_clock(client, "skips")
        assert begun + 12.5 * HOUR < await advance(client, "skips", 12.5 * HOUR) < begun + 12.5 * HOUR + SLACK
        assert len(await handle.query(Ticks.seen)) == 13


async def test_a_complaint_that_ends_on_the_way_reports_when_and_moves_no_more(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "ends", 2, DAY)
        begun = await read_clock(client, "ends")
        ended = await advance(client, "ends", 30 * DAY)
        assert begun + 2 * DAY - SLACK < ended < begun + 2 * DAY + SLACK
        await handle.result()
        assert await read_clock(client, "ends") == ended
        with pytest.raises(CannotAdvanceError, match="the workflow of ends has completed"):
            await advance(client, "ends", DAY)


async def test_a_pending_activity_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "ACTIVITY_GRACE_TENTHS", 5)
    async with run_worker(client):
        await client.start_workflow(Fails.run, id="busy", task_queue="t")
        await asyncio.sleep(0.5)
        begun = await read_clock(client, "busy")
        with pytest.raises(CannotAdvanceError, match=r"an activity is pending: never \(attempt "):
            await advance(client, "busy", DAY)
        assert await read_clock(client, "busy") < begun + HOUR


async def test_without_a_worker_it_is_given_up_and_does_not_go_on_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virtual_time, "IDLE_SECONDS", 0.5)
    await start_ticks(client, "idle", 30, DAY)
    begun = await read_clock(client, "idle")
    with pytest.raises(CannotAdvanceError, match="while no worker runs it"):
        await advance(client, "idle", 20 * DAY)
    async with run_worker(client):
        await asyncio.sleep(0.5)
    assert await read_clock(client, "idle") < begun + HOUR


async def test_an_unknown_reference_is_reported(client: Client) -> None:
    with pytest.raises(UnknownComplaintError, match="there is no complaint C-0"):
        await advance(client, "C-0", DAY)


async def test_a_server_without_virtual_time_is_reported(tmp_path: Path) -> None:
    port = free_port()
    role = temporal(tmp_path, port=port, ui_port=free_port(), http_port=free_port(), throw_away=True)
    command = [word.replace("TimeSkippingEnabled=true", "TimeSkippingEnabled=false") for word in role.command]
    assert command != list(role.command)
    try:
        Stack(tmp_path).start([replace(role, command=command)])
        client = await connect({"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"})
        async with run_worker(client):
            await start_ticks(client, "real", 5, DAY)
            with pytest.raises(CannotAdvanceError, match="this Temporal server has no virtual time"):
                await advance(client, "real", DAY)
    finally:
        Stack(tmp_path).stop()
