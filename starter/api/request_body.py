"""Reads what comes with a request: of the right kind, not too long, and within a time."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import Request

from starter.api.problems import ProblemError

MAX_BYTES = 1_000_000
"""Of a form or an act, or of a line of many: twice and a half what a form may be long."""
READ_TIMEOUT_SECONDS = 10.0
"""Seconds for a whole body; for each further piece of a stream."""
JSON = ("application/json",)
JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/json-lines")


def require_kind(request: Request, kinds: tuple[str, ...]) -> None:
    """Raises ProblemError."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    is_plain = request.headers.get("content-encoding", "identity").lower() == "identity"
    if kind.strip().lower() not in kinds or not is_plain or charset not in ("", "charset=utf-8"):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "wrong_kind",
            f"Send {' or '.join(kinds)}, in UTF-8 and not compressed, with this Content-Type.",
            headers={"Accept": ", ".join(kinds)},
        )


async def read_body(request: Request) -> bytes:
    """Raises ProblemError; starlette's ClientDisconnect when the caller has gone."""
    require_kind(request, JSON)
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BYTES:
        raise too_long("The body")
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BYTES:
                    raise too_long("The body")
    except TimeoutError as error:
        raise too_slow() from error
    return bytes(body)


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """Of a stream of any length. Raises ProblemError, ClientDisconnect."""
    coming = request.stream()
    while True:
        try:
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                piece = await anext(coming)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise too_slow() from error
        yield piece


def too_long(what: str) -> ProblemError:
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", f"{what} is longer than {MAX_BYTES:,} bytes.")


def too_slow() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_TIMEOUT, "too_slow", f"The body did not come within {READ_TIMEOUT_SECONDS:.0f} seconds."
    )
