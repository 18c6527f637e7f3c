"""The end of an HTTP service: which requests it still answers, and which are under way."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class DrainState(StrEnum):
    """What becomes of requests."""

    SERVING = "serving"
    DRAINING = "draining"
    """Each is answered, and its connection closed, so that the caller's next request goes to another replica."""
    CLOSING = "closing"
    """New ones are refused, while those under way finish."""


class Drain:
    """The state of a service, and its number of requests under way."""

    def __init__(self) -> None:
        self.state = DrainState.SERVING
        self.under_way = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @property
    def closes_connections(self) -> bool:
        return self.state is not DrainState.SERVING

    @contextmanager
    def request(self) -> Iterator[None]:
        """Count a request for the length of a `with` block."""
        self.under_way += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self.under_way -= 1
            if not self.under_way:
                self._is_idle.set()

    async def wait_until_idle(self) -> None:
        """Wait until no request is under way."""
        await self._is_idle.wait()
