"""Liveness and readiness of the worker over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

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


async def test_without_postgresql_the_worker_is_alive_and_ready_and_reports_it(
    environment: dict[str, str], stack: EphemeralStack, tmp_path: Path
) -> None:
    async with (
        TcpProxy.to(stack.database_url) as tcp_proxy,
        working(environment | {"COMPLAINTS_DATABASE_URL": tcp_proxy.url}, tmp_path) as worker,
    ):
        assert await worker.get("/healthz") == (200, {"state": "polling"})
        assert await worker.get("/readyz") == (200, {"ready": True, "state": "polling", "away": []})
        for away in (tcp_proxy.refuse, tcp_proxy.stall):
            away()
            await until(
                lambda: worker.get("/readyz"), (200, {"ready": True, "state": "polling", "away": ["postgresql"]})
            )
            assert await worker.get("/healthz") == (200, {"state": "polling"})
            tcp_proxy.restore()
            await until(lambda: worker.get("/readyz"), (200, {"ready": True, "state": "polling", "away": []}))


async def test_without_temporal_the_worker_is_alive_but_not_ready(
    environment: dict[str, str], stack: EphemeralStack, tmp_path: Path
) -> None:
    async with TcpProxy.to(f"tcp://{stack.temporal_address}") as tcp_proxy:
        address = tcp_proxy.url.removeprefix("tcp://")
        async with working(environment | {"TEMPORAL_ADDRESS": address}, tmp_path) as worker:
            for away in (tcp_proxy.refuse, tcp_proxy.stall):
                away()
                await _ready(worker, 503, ["temporal"])
                assert await worker.get("/healthz") == (200, {"state": "polling"})
                tcp_proxy.restore()
                await _ready(worker, 200, [])


async def _ready(worker: WorkerProcess, status: int, away: list[str]) -> None:
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
