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

from complaints.encryption.in_memory_keys import InMemoryKeys
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
"""How far past the target instant a clock may be: it goes on running."""


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
    def list_instants(self) -> list[datetime]:
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
    return await connect({"TEMPORAL_ADDRESS": address}, InMemoryKeys())


@asynccontextmanager
async def run_worker(client: Client) -> AsyncIterator[None]:
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue="t", workflows=[Ticks, Fails], activities=[never], workflow_runner=runner):
        yield


async def start_ticks(client: Client, reference: str, number: int, every: timedelta) -> WorkflowHandle[Ticks, None]:
    return await client.start_workflow(Ticks.run, args=[number, every.total_seconds()], id=reference, task_queue="t")


async def test_timers_fire_at_their_own_instants_on_the_way(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "way", 5, DAY)
        started = await read_clock(client, "way")
        now = await advance(client, "way", 3 * DAY)
        assert started + 3 * DAY < now < started + 3 * DAY + SLACK
        instants = await handle.query(Ticks.list_instants)
        assert [round((at - instants[0]) / DAY, 3) for at in instants] == [0, 1, 2, 3]


async def test_a_clock_is_just_after_the_target_and_never_before(client: Client) -> None:
    async with run_worker(client):
        await start_ticks(client, "exact", 50, DAY)
        target = await read_clock(client, "exact") + 10 * DAY
        for _ in range(5):
            assert target < await advance_to(client, "exact", target) < target + SLACK
            target += timedelta(minutes=7)


async def test_a_past_instant_does_not_move_the_clock(client: Client) -> None:
    async with run_worker(client):
        await start_ticks(client, "past", 5, DAY)
        started = await read_clock(client, "past")
        assert await advance_to(client, "past", started - DAY) < started + SLACK
        with pytest.raises(CannotAdvanceError, match="forward only"):
            await advance(client, "past", -DAY)


async def test_a_workflow_with_a_virtual_start_sees_that_instant_first(address: str) -> None:
    client = await connect({"TEMPORAL_ADDRESS": address}, InMemoryKeys(), [VirtualStart(START)])
    async with run_worker(client):
        handle = await start_ticks(client, "start", 5, DAY)
        assert START < await advance_to(client, "start", START) < START + SLACK
        [first] = await handle.query(Ticks.list_instants)
        assert START <= first < START + SLACK


async def test_a_long_time_is_advanced_in_parts(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "long", 90, DAY - timedelta(minutes=1))
        started = await read_clock(client, "long")
        assert started + 70 * DAY < await advance(client, "long", 70 * DAY) < started + 70 * DAY + SLACK
        assert len(await handle.query(Ticks.list_instants)) == 1 + 70


async def test_a_new_part_begins_when_the_server_allows_no_more_skips(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virtual_time, "MAX_SKIPS", 5)
    monkeypatch.setattr(virtual_time, "IDLE_SECONDS", 0.5)
    async with run_worker(client):
        handle = await start_ticks(client, "skips", 20, HOUR)
        started = await read_clock(client, "skips")
        assert started + 12.5 * HOUR < await advance(client, "skips", 12.5 * HOUR) < started + 12.5 * HOUR + SLACK
        assert len(await handle.query(Ticks.list_instants)) == 13


async def test_a_workflow_that_completes_on_the_way_keeps_its_last_instant(client: Client) -> None:
    async with run_worker(client):
        handle = await start_ticks(client, "ends", 2, DAY)
        started = await read_clock(client, "ends")
        ended = await advance(client, "ends", 30 * DAY)
        assert started + 2 * DAY - SLACK < ended < started + 2 * DAY + SLACK
        await handle.result()
        assert await read_clock(client, "ends") == ended
        with pytest.raises(CannotAdvanceError, match="the workflow of ends has completed"):
            await advance(client, "ends", DAY)


async def test_a_pending_activity_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "ACTIVITY_GRACE_TENTHS", 5)
    async with run_worker(client):
        await client.start_workflow(Fails.run, id="busy", task_queue="t")
        await asyncio.sleep(0.5)
        started = await read_clock(client, "busy")
        with pytest.raises(CannotAdvanceError, match=r"an activity is pending: never \(attempt "):
            await advance(client, "busy", DAY)
        assert await read_clock(client, "busy") < started + HOUR


async def test_without_a_worker_the_clock_stops_and_does_not_continue_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(virtual_time, "IDLE_SECONDS", 0.5)
    await start_ticks(client, "idle", 30, DAY)
    started = await read_clock(client, "idle")
    with pytest.raises(CannotAdvanceError, match="while no worker runs it"):
        await advance(client, "idle", 20 * DAY)
    async with run_worker(client):
        await asyncio.sleep(0.5)
    assert await read_clock(client, "idle") < started + HOUR


async def test_an_unknown_reference_is_an_error(client: Client) -> None:
    with pytest.raises(UnknownComplaintError, match="there is no complaint C-0"):
        await advance(client, "C-0", DAY)


async def test_a_server_without_virtual_time_is_an_error(tmp_path: Path) -> None:
    port = free_port()
    role = temporal(tmp_path, port=port, http_port=free_port(), throw_away=True)
    command = [word.replace("TimeSkippingEnabled=true", "TimeSkippingEnabled=false") for word in role.command]
    assert command != list(role.command)
    try:
        Stack(tmp_path).start([replace(role, command=command)])
        client = await connect({"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"}, InMemoryKeys())
        async with run_worker(client):
            await start_ticks(client, "real", 5, DAY)
            with pytest.raises(CannotAdvanceError, match="this Temporal server has no virtual time"):
                await advance(client, "real", DAY)
    finally:
        Stack(tmp_path).stop()
