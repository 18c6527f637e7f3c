"""An app that echoes requests, served by our server, and raw connections to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive, Scope, Send

from complaints.runtime.http_server import listen, serve_http
from complaints.settings import Address
from local.supervisor.ports import LOOPBACK, free_port

TIMEOUT_SECONDS = 60.0
BIG = b"x" * 20_000_000
"""More than the buffers of a connection hold."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the request's method, path and body.

    /unread answers before the body has come, /big with 20 MB.
    """
    path, body, more = scope["path"], b"", scope["path"] not in ("/unread", "/big")
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message.get("more_body", False)
    answer = BIG if path == "/big" else f"{scope['method']} {path} ".encode() + body
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def echoing(**more: object) -> AsyncIterator[int]:
    """Serve `echo` for the length of a `with` block; yield the port."""
    port = free_port()
    async with serve_http(echo, listen(Address(LOOPBACK, port)), **more):  # type: ignore[arg-type]
        yield port


class RawConnection:
    """A connection that sends bytes as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, *lines: str, body: str = "") -> None:
        """Send lines of a head, its end, and a body."""
        await self.send_bytes("\r\n".join((*lines, "", body)).encode())

    async def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> tuple[int, str]:
        """Read one answer: its status and its body."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
            fields = dict(line.split(": ", 1) for line in head.splitlines()[1:-1])
            if "content-length" in fields:
                body = await self._reader.readexactly(int(fields["content-length"]))
            else:
                body = await self._reader.read()
        return int(head.split()[1]), body.decode()

    async def rest(self) -> bytes:
        """Read until the server closes the connection."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""

    async def part(self) -> bytes:
        """Read up to 200 kB, but at least a byte; nothing once the connection is closed."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await self._reader.read(200_000)


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[RawConnection]:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        yield RawConnection(reader, writer)
    finally:
        writer.close()
