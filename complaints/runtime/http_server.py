"""Serves HTTP in the process's own loop, so that an answer proves that the loop turns."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from complaints.settings import Address

HEAD_WITHIN = 10.0
"""Seconds in which whoever connects has sent the head of a request."""
KEPT_OPEN = 75
"""Seconds for which a connection stays open between requests: longer than proxies and clients keep it, mostly 60 or
less, so that they let it go, and no request comes just when it is closed here."""


class _Server(uvicorn.Server):
    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Whoever serves listens to them."""
        return nullcontext()


class _Protocol(H11Protocol):
    """Lets go of a connection on which no request begins."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(HEAD_WITHIN, self._let_go)

    def _let_go(self) -> None:
        if self.cycle is None:
            self.transport.close()


def listen(address: Address) -> socket.socket:
    """Raises OSError when it cannot be listened on."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.create_server((address.host, address.port), family=family)
    # asyncio does it only for sockets that say that they are TCP's; without it, each answer waits for 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket, *, ends_within: int = 1) -> AsyncIterator[None]:
    """`ends_within`: seconds that requests under way are given at the end."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEPT_OPEN,
        timeout_graceful_shutdown=ends_within,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
        listening.close()
