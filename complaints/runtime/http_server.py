"""Serve HTTP in the process's own event loop, so that an answer proves that the loop runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.types import ASGIApp

from complaints.runtime.http_protocol import KEEP_ALIVE_SECONDS, Protocol
from complaints.runtime.source_guard import SourceGuard
from complaints.settings import Address

ACCEPTED_AT_ONCE = 200
"""Connections that are accepted before the first of them is looked at."""


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
