"""A service that stops refuses what comes last politely, and closes its port at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from temporalio.common import MetricMeter

from complaints.runtime.draining import Drain, DrainState
from complaints.runtime.http_server import listen, serve_until
from complaints.settings import Address
from local.supervisor.ports import LOOPBACK, free_port
from starter.api.metrics import RequestMetrics
from starter.api.middleware import RequestMiddleware

DRAIN_SECONDS = 2
LONG = 30
"""Longer than any step of these tests takes."""


@dataclass
class Stoppable:
    """A service whose path `/slow` waits for `go_on`."""

    stopping: asyncio.Event
    go_on: asyncio.Event
    drain: Drain
    caller: httpx2.AsyncClient
    running: "asyncio.Task[None]"

    async def get(self, path: str) -> tuple[int, str | None, str | None]:
        """Return the status, Connection and Retry-After of the answer."""
        answer = await self.caller.get(path)
        return answer.status_code, answer.headers.get("connection"), answer.headers.get("retry-after")

    async def has_state(self, state: DrainState) -> None:
        await until(lambda: self.drain.state is state)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def stoppable(drain_seconds: int = 0, finish_seconds: int = LONG) -> AsyncIterator[Stoppable]:
    stopping, go_on, drain = asyncio.Event(), asyncio.Event(), Drain()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if Request(scope).url.path == "/slow":
            await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    address = Address(LOOPBACK, free_port())
    running = asyncio.create_task(
        serve_until(
            stopping,
            drain,
            RequestMiddleware(app, RequestMetrics(MetricMeter.noop), drain),
            listen(address),
            log=logging.getLogger("tests"),
            drain_seconds=drain_seconds,
            finish_seconds=finish_seconds,
        )
    )
    async with httpx2.AsyncClient(base_url=f"http://{address}", timeout=LONG) as caller:
        yield Stoppable(stopping, go_on, drain, caller, running)
        stopping.set()
        go_on.set()
        await running


async def test_requests_that_come_while_a_service_drains_are_answered_and_end_their_connections() -> None:
    async with stoppable(drain_seconds=DRAIN_SECONDS) as service:
        assert await service.get("/") == (200, None, None)
        service.stopping.set()
        await service.has_state(DrainState.DRAINING)
        assert await service.get("/") == (200, "close", None)
        await service.running
        with pytest.raises(httpx2.ConnectError):
            await service.get("/")


async def test_while_the_last_requests_finish_new_ones_are_refused_with_retry_after() -> None:
    async with stoppable() as service:
        slow = asyncio.create_task(service.get("/slow"))
        await until(lambda: service.drain.under_way == 1)
        service.stopping.set()
        await service.has_state(DrainState.CLOSING)
        assert await service.get("/") == (503, "close", "1")
        assert await service.get("/healthz") == (200, "close", None)
        service.go_on.set()
        assert await slow == (200, "close", None)
        await service.running


async def test_a_request_that_never_ends_is_cut_off_at_the_time_limit() -> None:
    async with stoppable(finish_seconds=1) as service:
        slow = asyncio.create_task(service.get("/slow"))
        await until(lambda: service.drain.under_way == 1)
        service.stopping.set()
        async with asyncio.timeout(LONG / 2):
            await service.running
        assert (await slow)[0] == 500
