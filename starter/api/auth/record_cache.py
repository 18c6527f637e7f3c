"""Cache of what the record says of callers.

While PostgreSQL is unavailable, it stays as last known, up to 24 hours.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from complaints.records.database import RecordError
from complaints.runtime.clock import monotonic

MIN_REREAD_SECONDS = 0.2
"""An unknown caller may be new: the record is read again for them, but no more often than this."""
MAX_AGE_SECONDS = 24 * 3600.0

log = logging.getLogger(__name__)

T = TypeVar("T")


class UnknownCallersError(Exception):
    """The record was never read, or too long ago."""


class RecordCache(Generic[T]):
    """Cache what `read` reads from the record. `what` names it in the log."""

    def __init__(self, read: Callable[[], Awaitable[T]], empty: T, what: str) -> None:
        self._read = read
        self._what = what
        self.value = empty
        self._read_at: float | None = None
        self._tried_at = 0.0
        self._reading = asyncio.Lock()
        self._is_unavailable = False

    @property
    def is_known(self) -> bool:
        """Whether callers can be checked."""
        return self._read_at is not None and monotonic() - self._read_at < MAX_AGE_SECONDS

    def require_known(self) -> None:
        """Raise UnknownCallersError if the record was never read, or too long ago."""
        if not self.is_known:
            raise UnknownCallersError

    async def refresh(self) -> None:
        """Read the record. Reads do not overlap: no older result replaces a newer one."""
        async with self._reading:
            await self._reread()

    async def refresh_for_unknown(self) -> None:
        """Read the record once more, as somebody may have been added since."""
        asked_at = monotonic()
        async with self._reading:
            if self._tried_at > asked_at:  # another request's unknown caller caused a read meanwhile
                return
            await asyncio.sleep(max(0.0, self._tried_at + MIN_REREAD_SECONDS - asked_at))
            await self._reread()

    async def _reread(self) -> None:
        self._tried_at = monotonic()
        try:
            value = await self._read()
        except RecordError as error:
            if not self._is_unavailable:
                log.warning("%s are as last known", self._what, extra={"why": str(error)})
            self._is_unavailable = True
            return
        if self._is_unavailable:
            log.info("%s are up to date again", self._what)
        self._is_unavailable = False
        self._read_at = monotonic()
        self.value = value
