"""A gate in front of the complaints: it is closed while their services are stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Lets calls through while it is open."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._is_closed = False
        self._inside = 0

    @asynccontextmanager
    async def pass_through(self) -> AsyncIterator[None]:
        """Wait until it is open, and keep it from closing for the length of the `with`."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._is_closed)
            self._inside += 1
        try:
            yield
        finally:
            async with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Let nobody in, wait until nobody is inside, and stay closed for the length of the `with`."""
        async with self._changed:
            self._is_closed = True
            await self._changed.wait_for(lambda: not self._inside)
        try:
            yield
        finally:
            async with self._changed:
                self._is_closed = False
                self._changed.notify_all()
