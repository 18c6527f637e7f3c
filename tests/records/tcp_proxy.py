"""A network line to PostgreSQL that can go dead (connections stay, nothing passes, nobody is told), or be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

from sqlalchemy import URL, make_url

COMMIT = b"COMMIT;"
"""As the driver sends it, in a message of its own."""


class Line:
    """Forwards to a database; `url` goes through it."""

    def __init__(self, database: URL, port: int) -> None:
        self._database = database
        self.url = database.set(port=port).render_as_string(hide_password=False)
        self._alive = asyncio.Event()
        self._alive.set()
        self._refuses = False
        self._left: int | None = None
        self._cuts_at_commit = self._dies_at_commit = False
        self._struck = asyncio.Event()
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

    def die_at_commit(self) -> asyncio.Event:
        """Once a COMMIT has reached the database, whose answer gets lost. Tells when."""
        self._dies_at_commit, self._struck = True, asyncio.Event()
        return self._struck

    def cut_at_commit(self) -> asyncio.Event:
        """Cut all connections once, in the middle of a transaction: a COMMIT is on its way. Tells when."""
        self._cuts_at_commit, self._struck = True, asyncio.Event()
        return self._struck

    def refuse(self) -> None:
        """Connections are cut, new ones too."""
        self._refuses = True
        self._cut()

    def revive(self) -> None:
        """What was held up arrives; connections are taken again."""
        self._refuses = False
        self._left = None
        self._cuts_at_commit = self._dies_at_commit = False
        self._alive.set()

    def _cut(self) -> None:
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._alive.wait()
        if self._refuses:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(self._database.host, self._database.port)
        except OSError:
            writer.transport.abort()
            return
        self._ends += [writer, far_writer]
        await asyncio.gather(self._pump(reader, far_writer, counts=True), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool = False) -> None:
        with suppress(OSError):
            while some := await reader.read(1_000_000):
                await self._alive.wait()
                commits = counts and COMMIT in some
                if commits and self._cuts_at_commit:
                    self._cuts_at_commit = False
                    self._cut()
                    self._struck.set()
                    break
                writer.write(some)
                await writer.drain()
                if commits and self._dies_at_commit:
                    self._dies_at_commit = False
                    self._alive.clear()
                    self._struck.set()
                if counts and self._left is not None:
                    self._left -= 1
                    if not self._left:
                        self._alive.clear()
        await self._alive.wait()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
