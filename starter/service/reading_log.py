"""Count who reads people's words, and write the counts to the record every few seconds."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.callers.readings import Readings, add_readings
from complaints.records.database import RecordError
from complaints.runtime.background import background_task
from complaints.runtime.clock import now as real_now

WRITE_SECONDS = 3.0

log = logging.getLogger(__name__)


class ReadingLog:
    """Count readings by complaint, member of staff and day. `now` returns the current time."""

    def __init__(self, now: Callable[[], datetime] = real_now) -> None:
        self._now = now
        self._counts: dict[tuple[object, ...], Readings] = {}

    def count(self, references: Iterable[str], staff: str) -> None:
        """Count one reading of each complaint."""
        at = self._now()
        self._add(
            Readings(reference=reference, staff=staff, day=at.date(), times=1, first_at=at, last_at=at)
            for reference in references
        )

    @asynccontextmanager
    async def kept_written(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Write the counts every few seconds for the length of a `with` block, and at its end."""
        async with background_task(self._write_periodically(engine)):
            yield
        await self.write(engine)

    async def _write_periodically(self, engine: AsyncEngine) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.write(engine)

    async def write(self, engine: AsyncEngine) -> None:
        """Write the counts; if the record is unavailable, or this is cancelled, keep them."""
        counts, self._counts = self._counts, {}
        try:
            if counts:
                await add_readings(engine, list(counts.values()))
        except (RecordError, asyncio.CancelledError) as error:
            self._add(counts.values())
            if isinstance(error, asyncio.CancelledError):
                raise
            log.warning("readings are not on the record yet", extra={"why": str(error)})

    def _add(self, read: Iterable[Readings]) -> None:
        for each in read:
            key = (each.reference, each.staff, each.day)
            counted = self._counts.get(key)
            self._counts[key] = _merge(counted, each) if counted else each


def _merge(one: Readings, other: Readings) -> Readings:
    changes = {
        "times": one.times + other.times,
        "first_at": min(one.first_at, other.first_at),
        "last_at": max(one.last_at, other.last_at),
    }
    return one.model_copy(update=changes)
