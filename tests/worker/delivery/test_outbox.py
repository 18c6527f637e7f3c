"""Deliveries start when complaints leave time for them, and none is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable, Set
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import delivery_workflow_id
from complaints.messages.key import MessageKey
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.views.views import Transition, transition_since
from complaints.records.personal.encryption import keys_of
from complaints.records.transitions import list_owed_messages, write_transition
from complaints.runtime.background import background_task
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened
from worker.delivery.outbox import CALM_SECONDS, OutboxDispatcher, sweep_periodically
from worker.roles import start

AFTER_ALL = datetime(2040, 1, 1, tzinfo=UTC)
"""Instant of a sweep which finds everything."""
BUSY_SECONDS = 3 * CALM_SECONDS


async def test_deliveries_start_when_recordings_pause(client: Client, engine: AsyncEngine, tmp_path: Path) -> None:
    outbox = OutboxDispatcher(client, tmp_path.name, with_webhook=False)
    storm = answered("paced")
    async with outbox.running():
        await outbox.dispatch(storm)
        await stay_busy(outbox)
        assert await started(client, storm) == set()
        await until(lambda: all_started(client, storm))


async def test_deliveries_start_although_recordings_never_pause(
    client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    outbox = OutboxDispatcher(client, tmp_path.name, with_webhook=False, longest_wait=CALM_SECONDS)
    owed = answered("never-calm")
    async with outbox.running():
        await outbox.dispatch(owed)
        recording = asyncio.create_task(stay_busy(outbox, seconds=60))
        await until(lambda: all_started(client, owed))
        assert not recording.done()
        recording.cancel()


async def test_a_worker_that_ends_starts_the_deliveries_that_it_noted(
    client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    outbox = OutboxDispatcher(client, tmp_path.name, with_webhook=False)
    owed = answered("drained")
    async with outbox.running():
        await outbox.dispatch(owed)
    assert await all_started(client, owed)


async def test_workers_that_sweep_start_once_what_a_killed_one_had_only_noted(
    client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    owed = answered("killed")
    await write_transition(engine, owed)
    await OutboxDispatcher(client, tmp_path.name, with_webhook=False).dispatch(owed)
    sweeps = [background_task(sweep_periodically(client, tmp_path.name, engine, lambda: AFTER_ALL)) for _ in range(2)]
    async with sweeps[0], sweeps[1]:
        await until(lambda: all_started(client, owed))
    for key in list_owed_messages(owed, with_webhook=False):
        assert (await client.count_workflows(f'WorkflowId = "{delivery_workflow_id(key)}"')).count <= 1


async def test_the_next_worker_of_complaints_alone_starts_what_a_killed_one_had_only_noted(
    client: Client, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = answered("killed-alone")
    await write_transition(engine, owed)
    monkeypatch.setattr(start, "now", lambda: AFTER_ALL)
    settings = WorkerSettings(task_queue=tmp_path.name, serves=frozenset({WorkerRole.COMPLAINTS}))
    context = start.WorkerContext(
        settings=settings,
        policy=load_policy(),
        client=client,
        database_url=engine.url.render_as_string(hide_password=False),
        keys=keys_of(engine),
        meter=MetricMeter.noop,
        version=None,
        on_fatal_error=_ignore,
    )
    async with start.open_roles(context, engine):
        await until(lambda: all_started(client, owed))


def answered(reference: str) -> Transition:
    """Make a transition with alerts and a letter."""
    complaint = opened(reference)
    complaint.apply(acts.Acknowledge(id="1", by="mary"), at(1, 4), DIRECTORY_RESULT)
    transition = transition_since(complaint, 0)
    assert len(list_owed_messages(transition, with_webhook=False)) > 1
    return transition


async def stay_busy(outbox: OutboxDispatcher, seconds: float = BUSY_SECONDS) -> None:
    """Record again and again something that owes no message."""
    nothing = transition_since(opened("nothing-owed"), 0).model_copy(update={"events": []})
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while clock() < end:
        await outbox.dispatch(nothing)
        await asyncio.sleep(CALM_SECONDS / 10)


async def all_started(client: Client, transition: Transition) -> bool:
    return await started(client, transition) == set(list_owed_messages(transition, with_webhook=False))


async def started(client: Client, transition: Transition) -> Set[MessageKey]:
    return {key for key in list_owed_messages(transition, with_webhook=False) if await exists(client, key)}


async def exists(client: Client, key: MessageKey) -> bool:
    try:
        await client.get_workflow_handle(delivery_workflow_id(key)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.05)


async def _ignore(_: BaseException) -> None:
    """Take no notice of what ends a worker."""
