"""Forward connections to ready replicas in turn, as a Service of Kubernetes does.

A replica that is not ready, or that is being stopped, still gets connections for a second. A cluster needs as long
until each of its nodes knows.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

from complaints.runtime.background import background_task
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK

PROBE_SECONDS = 0.5
PROBES_THAT_FAIL = 3
"""In succession, until a replica that runs counts as not ready. One that has ended is not ready at once."""
REMOVAL_LAG_SECONDS = 1.0
CHUNK_BYTES = 1_000_000


@dataclass
class Endpoint:
    """A replica that the service knows."""

    port: int
    is_alive: Callable[[], bool]
    failed: int = 0
    is_stopping: bool = False


@dataclass
class ServiceProxy:
    """Forwards connections; `url` is its address."""

    url: str = ""
    refused: int = 0
    """Connections that found no replica, or one that does not listen."""
    _endpoints: list[Endpoint] = field(default_factory=list)
    _listed: list[Endpoint] = field(default_factory=list)
    """Those that get connections; the first gets the next one."""
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """Serve on a free port for the length of a `with` block."""
        proxy = cls()
        server = await asyncio.start_server(proxy._accept, LOOPBACK, 0)
        proxy.url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
        try:
            async with background_task(proxy._probe_periodically()):
                yield proxy
        finally:
            server.close()
            for connection in proxy._connections:
                connection.cancel()
            await asyncio.gather(*proxy._connections, return_exceptions=True)

    def add(self, port: int, is_alive: Callable[[], bool]) -> None:
        """Let connections go to a replica that is ready."""
        endpoint = Endpoint(port, is_alive)
        self._endpoints.append(endpoint)
        self._listed.append(endpoint)

    def remove(self, port: int) -> None:
        """Remove a replica that is about to be stopped, after the lag."""
        for endpoint in [each for each in self._endpoints if each.port == port]:
            self._endpoints.remove(endpoint)
            endpoint.is_stopping = True
            self._unlist_later(endpoint)

    def _unlist_later(self, endpoint: Endpoint) -> None:
        def unlist() -> None:
            if endpoint in self._listed:
                self._listed.remove(endpoint)

        asyncio.get_running_loop().call_later(REMOVAL_LAG_SECONDS, unlist)

    async def _probe_periodically(self) -> None:
        while True:
            await asyncio.gather(*(self._probe(endpoint) for endpoint in self._endpoints))
            await asyncio.sleep(PROBE_SECONDS)

    async def _probe(self, endpoint: Endpoint) -> None:
        is_alive = endpoint.is_alive()
        is_ready = is_alive and await asyncio.to_thread(answers_ok, endpoint.port, "/readyz")
        endpoint.failed = 0 if is_ready else endpoint.failed + 1
        if is_ready and endpoint not in self._listed and not endpoint.is_stopping:
            self._listed.append(endpoint)
        elif not is_alive or endpoint.failed == PROBES_THAT_FAIL:
            self._unlist_later(endpoint)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            await self._connect(reader, writer)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            endpoint = self._listed.pop(0)
            self._listed.append(endpoint)
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, endpoint.port)
        except (IndexError, OSError):
            self.refused += 1
            return
        try:
            async with asyncio.TaskGroup() as forwarding:
                forwarding.create_task(_forward(reader, far_writer))
                forwarding.create_task(_forward(far_reader, writer))
        finally:
            far_writer.transport.abort()


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward until one side closes. A reset resets the other side."""
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
    except OSError:
        with suppress(OSError):
            writer.transport.abort()
