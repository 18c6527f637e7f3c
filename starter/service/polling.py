"""Wait for news of a caller, who keeps a request open (long polling)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from complaints.runtime.clock import monotonic

MAX_WAIT_SECONDS = 30

T = TypeVar("T")


async def poll(
    read: Callable[[], Awaitable[T]],
    is_news: Callable[[T], bool],
    *,
    wait_seconds: float,
    interval_seconds: float,
    stopping: asyncio.Event,
) -> T:
    """Read until there is news, the wait is over, or the service stops; return the last value."""
    until = monotonic() + wait_seconds
    while True:
        value = await read()
        rest_seconds = until - monotonic()
        if is_news(value) or rest_seconds <= 0 or stopping.is_set():
            return value
        with suppress(TimeoutError):
            async with asyncio.timeout(min(interval_seconds, rest_seconds)):
                await stopping.wait()
