"""Liveness and readiness of the worker over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from temporalio.client import Client

from complaints.records.totals import ping
from complaints.runtime.health import DependencyCheck
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import TcpProxy
from tests.worker.process import WorkerProcess, working
from worker.observability.health import Health

TIMEOUT_SECONDS = 60.0
"""Seconds."""
REQUEST = Request({"type": "http"})


async def until(asked: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            if await asked() == wanted:
                return
            await asyncio.sleep(0.1)


@dataclass(frozen=True)
class ProxiedWorker:
    """A worker, and a proxy before each of its servers."""

    worker: WorkerProcess
    temporal: TcpProxy
    postgresql: TcpProxy


@pytest_asyncio.fixture(scope="module")
async def proxied(stack: EphemeralStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProxiedWorker]:
    async with (
        TcpProxy.to(stack.database_url) as postgresql,
        TcpProxy.to(f"tcp://{stack.temporal_address}") as temporal,
    ):
        environment = {
            "TEMPORAL_ADDRESS": temporal.url.removeprefix("tcp://"),
            "COMPLAINTS_DATABASE_URL": postgresql.url,
            **stack.key_settings,
            "COMPLAINTS_TASK_QUEUE": "of-its-own",
        }
        async with working(environment, tmp_path_factory.mktemp("proxied")) as worker:
            yield ProxiedWorker(worker, temporal, postgresql)


async def test_without_postgresql_the_worker_is_alive_and_ready_and_reports_it(proxied: ProxiedWorker) -> None:
    assert await proxied.worker.get("/healthz") == (200, {"state": "polling"})
    await _ready(proxied.worker, 200, [])
    for away in (proxied.postgresql.refuse, proxied.postgresql.stall):
        away()
        await _ready(proxied.worker, 200, ["postgresql"])
        assert await proxied.worker.get("/healthz") == (200, {"state": "polling"})
        proxied.postgresql.restore()
        await _ready(proxied.worker, 200, [])


async def test_without_temporal_the_worker_is_alive_but_not_ready(proxied: ProxiedWorker) -> None:
    for away in (proxied.temporal.refuse, proxied.temporal.stall):
        away()
        await _ready(proxied.worker, 503, ["temporal"])
        assert await proxied.worker.get("/healthz") == (200, {"state": "polling"})
        proxied.temporal.restore()
        await _ready(proxied.worker, 200, [])


async def _ready(worker: WorkerProcess, status: int, away: list[str]) -> None:
    """Wait until the worker says that it is ready, or not, and which servers are away."""
    await until(lambda: worker.get("/readyz"), (status, {"ready": status == 200, "state": "polling", "away": away}))


async def test_a_draining_worker_is_alive_but_not_ready(client: Client, engine: AsyncEngine) -> None:
    health = Health(
        temporal=DependencyCheck(client.service_client.check_health), postgresql=DependencyCheck(lambda: ping(engine))
    )
    assert (await health.is_ready(REQUEST)).status_code == 503  # not before it polls
    health.state = "polling"
    assert (await health.is_ready(REQUEST)).status_code == 200
    health.state = "draining"
    ready = await health.is_ready(REQUEST)
    assert (ready.status_code, json.loads(bytes(ready.body))["state"]) == (503, "draining")
    assert (await health.lives(REQUEST)).status_code == 200


async def test_only_a_failed_worker_is_not_alive(client: Client, engine: AsyncEngine) -> None:
    health = Health(
        temporal=DependencyCheck(client.service_client.check_health), postgresql=DependencyCheck(lambda: ping(engine))
    )
    await health.fail(RuntimeError())
    assert (await health.lives(REQUEST)).status_code == 503
    assert (await health.is_ready(REQUEST)).status_code == 503


async def test_frequent_requests_query_the_servers_rarely(engine: AsyncEngine) -> None:
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await ping(engine)

    server = DependencyCheck(ask)
    assert await asyncio.gather(*(server.is_available() for _ in range(50))) == [True] * 50
    assert asked == 1
