"""Serve HTTP in the process's own event loop, so that an answer proves that the loop runs."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from complaints.settings import Address

REQUEST_HEAD_TIMEOUT_SECONDS = 10.0
"""From the connection to the end of the first request's head."""
KEEP_ALIVE_SECONDS = 75
"""Longer than most proxies and clients keep an idle connection (60 s or less), so that they close it first."""


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the process."""
        return nullcontext()


class _Protocol(H11Protocol):
    """Close a connection on which no request begins."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(REQUEST_HEAD_TIMEOUT_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.cycle is None:
            self.transport.close()


def listen(address: Address) -> socket.socket:
    """Listen on an address. Raises OSError."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.create_server((address.host, address.port), family=family)
    # asyncio sets this only on sockets whose protocol is TCP by name. Without it, each answer waits for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@asynccontextmanager
async def serve_http(app: ASGIApp, listening: socket.socket, *, shutdown_seconds: int = 1) -> AsyncIterator[None]:
    """Serve for the length of a `with` block.

    At its end, requests under way have `shutdown_seconds` to finish.
    """
    config = uvicorn.Config(
        app,
        http=_Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
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
