"""A network line to PostgreSQL that can go dead (connections stay, nothing passes, nobody is told) or be refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

from sqlalchemy import URL, make_url


class Line:
    """Forwards to a database; `url` goes through it."""

    def __init__(self, database: URL, port: int) -> None:
        self._database = database
        self.url = database.set(port=port).render_as_string(hide_password=False)
        self._alive = asyncio.Event()
        self._alive.set()
        self._refuses = False
        self._left: int | None = None
        self._ends: list[asyncio.StreamWriter] = []

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[Self]:
        pumping: list[asyncio.Task[None]] = []
        server = await asyncio.start_server(
            lambda reader, writer: pumping.append(asyncio.create_task(line._connect(reader, writer))), "127.0.0.1", 0
        )
        line = cls(make_url(url), server.sockets[0].getsockname()[1])
        try:
            yield line
        finally:
            line.revive()
            server.close()
            for end in line._ends:
                end.close()
            await asyncio.gather(*pumping)

    def die(self, *, after: int = 0) -> None:
        """Now, or once so many more messages have reached the database; its answer to the last gets lost."""
        self._left = after or None
        if not after:
            self._alive.clear()

    def refuse(self) -> None:
        """Connections are cut, new ones too."""
        self._refuses = True
        for end in self._ends:
            end.transport.abort()

    def revive(self) -> None:
        """What was held up arrives; connections are taken again."""
        self._refuses = False
        self._left = None
        self._alive.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._alive.wait()
        if self._refuses:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(self._database.host, self._database.port)
        self._ends += [writer, far_writer]
        await asyncio.gather(self._pump(reader, far_writer, counts=True), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool = False) -> None:
        with suppress(OSError):
            while some := await reader.read(1_000_000):
                await self._alive.wait()
                writer.write(some)
                await writer.drain()
                if counts and self._left is not None:
                    self._left -= 1
                    if not self._left:
                        self._alive.clear()
        await self._alive.wait()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
