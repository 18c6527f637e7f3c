"""Serve HTTP in the process's own event loop, so that an answer proves that the loop runs."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress

import uvicorn
from starlette.types import ASGIApp

from complaints.runtime.draining import Drain, DrainState
from complaints.runtime.http_protocol import KEEP_ALIVE_SECONDS, Protocol
from complaints.runtime.source_guard import SourceGuard
from complaints.settings import Address

ACCEPTED_AT_ONCE = 200
"""Connections that are accepted before the first of them is looked at."""
FLUSH_SECONDS = 2
"""For callers to read the end of their answers, after the last request is answered."""


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the process."""
        return nullcontext()


def listen(address: Address) -> socket.socket:
    """Listen on an address. Raises OSError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.create_server((address.host, address.port), family=family)
    # asyncio sets this only on sockets whose protocol is TCP by name. Without it, each answer waits for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@asynccontextmanager
async def serve_http(
    app: ASGIApp,
    listening: socket.socket,
    *,
    hosts: Collection[str] = (),
    origins: Collection[str] | None = None,
    shutdown_seconds: int = 1,
) -> AsyncIterator[None]:
    """Serve for the length of a `with` block. `hosts`: the names that requests may give as Host.

    `origins`: what they may give as Origin; None: the service itself. At its end, requests under way have
    `shutdown_seconds` to finish.
    """
    config = uvicorn.Config(
        SourceGuard(app, hosts, origins),
        http=Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=int(KEEP_ALIVE_SECONDS),
        timeout_graceful_shutdown=shutdown_seconds,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
        listening.close()


async def serve_until(
    stopping: asyncio.Event,
    drain: Drain,
    app: ASGIApp,
    listening: socket.socket,
    *,
    log: logging.Logger,
    hosts: Collection[str] = (),
    origins: Collection[str] | None = None,
    drain_seconds: int = 0,
    finish_seconds: int = 1,
) -> None:
    """Serve until `stopping` is set, then drain. `app` counts its requests in `drain`.

    For `drain_seconds` requests are answered as before, while a load balancer sees that this process is not ready.
    Then new ones are refused, and those under way have `finish_seconds`. The port closes last.
    """
    host, port = listening.getsockname()[:2]
    async with serve_http(app, listening, hosts=hosts, origins=origins, shutdown_seconds=FLUSH_SECONDS):
        log.info("serving", extra={"address": str(Address(host, port))})
        await stopping.wait()
        drain.state = DrainState.DRAINING
        log.info("draining")
        await asyncio.sleep(drain_seconds)
        drain.state = DrainState.CLOSING
        with suppress(TimeoutError):
            async with asyncio.timeout(finish_seconds):
                await drain.wait_until_idle()
    log.info("stopped")
