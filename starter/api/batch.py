"""Open a batch of forms, one on each line, concurrently, with results in their order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from complaints.procedure.form import Form
from starter.api.problems import Problem, ProblemError, unavailable
from starter.api.request_body import MAX_BYTES, chunks, too_long
from starter.client.open_complaint import Opened

MAX_LINES = 10_000
"""Their results fit into a connection's buffers, for callers who read none before they have sent all."""
MAX_CONCURRENT = 20
"""Forms of one batch that are opened at the same time."""
MEDIA_TYPE = "application/jsonl"

Read = Callable[[bytes], Form]
Open = Callable[[Form], Awaitable[Opened]]
"""Both raise ProblemError."""


class BatchResult(BaseModel):
    """The result of a line: `opened` or `problem`, and the status of a request for it alone."""

    line: int
    """From 1; empty lines count."""
    status: int
    opened: Opened | None = None
    problem: Problem | None = None


class Batch:
    """One batch in progress. Lines with the same reference are opened in order."""

    def __init__(self, request: Request, read: Read, open_: Open) -> None:
        self._request = request
        self._read_form = read
        self._open = open_
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By reference; asyncio's locks are fair."""
        self._free = asyncio.Semaphore(MAX_CONCURRENT)
        self._results: asyncio.Queue[asyncio.Task[BatchResult] | None] = asyncio.Queue()
        self._outage: ProblemError | None = None
        """Set once Temporal is unavailable: later lines fail at once, and the caller sends them again."""

    async def results(self) -> AsyncIterator[BatchResult]:
        """Yield the results in order. Lines are read however slowly results are consumed."""
        reading = asyncio.create_task(self._read())
        try:
            while task := await self._results.get():
                yield await task
            await reading
        finally:
            reading.cancel()

    async def _read(self) -> None:
        last_read = 0
        try:
            async for number, line in numbered(chunks(self._request)):
                if number > MAX_LINES:
                    detail = f"A batch has at most {MAX_LINES:,} lines: send the rest, from this one on, as another."
                    raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_lines", detail)
                if line is None or line.strip():
                    await self._free.acquire()
                    self._results.put_nowait(asyncio.create_task(self._result(number, line)))
                last_read = number
        except ProblemError as error:  # it is the result of the first line that was not read
            self._results.put_nowait(asyncio.create_task(_failed(last_read + 1, error)))
        except ClientDisconnect:
            pass  # lines that arrived are opened; sent again, they are found
        finally:
            self._results.put_nowait(None)

    async def _result(self, number: int, line: bytes | None) -> BatchResult:
        try:
            if line is None:
                raise too_long("The line")
            if self._outage:
                raise self._outage
            form = self._read_form(line)
            async with self._turns[form.reference]:
                opened = await self._open(form)
        except ProblemError as error:
            if error.problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                self._outage = unavailable("an earlier line of this batch could not be opened")
            return await _failed(number, error)
        finally:
            self._free.release()
        return BatchResult(line=number, status=HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK, opened=opened)


class Results(Response):
    """Send results as they come.

    Starlette's StreamingResponse would consume the rest of the request's body.
    """

    media_type = MEDIA_TYPE

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._batch = batch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (as ASGI has it)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for result in self._batch.results():
            line = result.model_dump_json(exclude_none=True).encode() + b"\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def numbered(incoming: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes | None]]:
    """Split chunks into lines, numbered from 1. None: the line is too long, and was not kept."""
    number, rest, is_skipping = 1, bytearray(), False
    async for chunk in incoming:
        *ended, last = chunk.split(b"\n")
        for part in ended:
            rest += part
            yield number, None if is_skipping or len(rest) > MAX_BYTES else bytes(rest)
            number, is_skipping = number + 1, False
            rest.clear()
        rest += last
        if len(rest) > MAX_BYTES:
            is_skipping = True
            rest.clear()
    if rest or is_skipping:
        yield number, None if is_skipping else bytes(rest)


async def _failed(number: int, error: ProblemError) -> BatchResult:
    return BatchResult(line=number, status=error.problem.status, problem=error.problem)
