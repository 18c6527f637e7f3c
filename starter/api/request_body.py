"""Read request bodies with limits on their content type, length and time."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from fastapi import Request

from starter.api.problems import ProblemError

MAX_BYTES = 1_000_000
"""Of a body, or of a line of a batch: 2.5 times the longest valid form."""
READ_TIMEOUT_SECONDS = 10.0
"""For a whole body, or for each chunk of a stream."""
JSON = ("application/json",)
JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/json-lines")


def require_kind(request: Request, kinds: tuple[str, ...]) -> None:
    """Require one of the content types, UTF-8 and no compression. Raises ProblemError."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    is_plain = request.headers.get("content-encoding", "identity").lower() == "identity"
    if kind.strip().lower() not in kinds or not is_plain or charset not in ("", "charset=utf-8"):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "wrong_kind",
            f"Content-Type: send {' or '.join(kinds)}, in UTF-8 and not compressed.",
            headers={"Accept": ", ".join(kinds)},
        )


async def read_body(request: Request, kinds: tuple[str, ...] = JSON, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a body of one of the kinds.

    Raises ProblemError, and ClientDisconnect when the caller has gone.
    """
    require_kind(request, kinds)
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > max_bytes:
        raise too_long("The body", max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise too_long("The body", max_bytes)
    except TimeoutError as error:
        raise too_slow() from error
    return bytes(body)


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Read a body of any length in chunks. Raises ProblemError, ClientDisconnect."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise too_slow() from error
        yield chunk


def too_long(subject: str, max_bytes: int = MAX_BYTES) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long", f"{subject} is longer than {max_bytes:,} bytes."
    )


def too_slow() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_TIMEOUT, "too_slow", f"The body did not arrive within {READ_TIMEOUT_SECONDS:.0f} seconds."
    )
