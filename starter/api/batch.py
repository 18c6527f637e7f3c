"""Many forms in one request, one a line: opened as they come, several at a time, a result a line in their order."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from complaints.procedure.form import Form
from starter.api.problems import Problem, ProblemError, out_of_reach
from starter.api.request_body import MAX_BYTES, pieces, too_long
from starter.client.open_complaint import Opened

MAX_LINES = 10_000
"""Their results fit into what a connection holds back, for callers who read none before they have sent all."""
MAX_CONCURRENT = 20
"""Forms of one batch that are opened at the same time."""
MEDIA_TYPE = "application/jsonl"

Read = Callable[[bytes], Form]
Open = Callable[[Form], Awaitable[Opened]]
"""Both raise ProblemError."""


class BatchResult(BaseModel):
    """What became of a line: `opened`, or `problem`. `status` is what the form would have got by itself."""

    line: int
    """From 1, empty ones counted."""
    status: int
    opened: Opened | None = None
    problem: Problem | None = None


class Batch:
    """One batch on its way. Of several lines with one reference, the first comes first."""

    def __init__(self, request: Request, read: Read, open_: Open) -> None:
        self._request = request
        self._read_form = read
        self._open = open_
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By reference; whoever comes first has the first turn."""
        self._free = asyncio.Semaphore(MAX_CONCURRENT)
        self._results: asyncio.Queue[asyncio.Task[BatchResult] | None] = asyncio.Queue()
        self._away: ProblemError | None = None
        """Once Temporal is out of reach, what still comes is not tried: its caller will send it again."""

    async def results(self) -> AsyncIterator[BatchResult]:
        """Reads on whether or not these are taken."""
        reading = asyncio.create_task(self._read())
        try:
            while task := await self._results.get():
                yield await task
            await reading
        finally:
            reading.cancel()

    async def _read(self) -> None:
        taken = 0
        try:
            async for number, line in numbered(pieces(self._request)):
                if number > MAX_LINES:
                    detail = f"A batch has at most {MAX_LINES:,} lines: send the rest, from this one on, as another."
                    raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_lines", detail)
                if line is None or line.strip():
                    await self._free.acquire()
                    self._results.put_nowait(asyncio.create_task(self._result(number, line)))
                taken = number
        except ProblemError as error:  # the first line that is not taken tells of it
            self._results.put_nowait(asyncio.create_task(_told(taken + 1, error)))
        except ClientDisconnect:
            pass  # what has come is opened all the same; whoever sends it again is told so
        finally:
            self._results.put_nowait(None)

    async def _result(self, number: int, line: bytes | None) -> BatchResult:
        try:
            if line is None:
                raise too_long("The line")
            if self._away:
                raise self._away
            form = self._read_form(line)
            async with self._turns[form.reference]:
                opened = await self._open(form)
        except ProblemError as error:
            if error.problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                self._away = out_of_reach("an earlier line of this batch could not be opened")
            return BatchResult(line=number, status=error.problem.status, problem=error.problem)
        finally:
            self._free.release()
        return BatchResult(line=number, status=HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK, opened=opened)


class Results(Response):
    """Sent as they come. Starlette's own streaming would take from the request what is still to be read."""

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


async def numbered(coming: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes | None]]:
    """Each line with its number, from 1; None for one that is too long, of which no more is kept than that."""
    number, rest, is_skipping = 1, bytearray(), False
    async for piece in coming:
        *ended, last = piece.split(b"\n")
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


async def _told(number: int, error: ProblemError) -> BatchResult:
    return BatchResult(line=number, status=error.problem.status, problem=error.problem)
