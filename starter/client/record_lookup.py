"""Look up references and holiday amendments, with or without the record."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.records.calendar_amendments import list_amendments
from complaints.records.database import RecordError
from complaints.records.queries import RecordedComplaint, find_complaint
from complaints.runtime.clock import monotonic

AMENDMENTS_REFRESH_SECONDS = 10.0

T = TypeVar("T")


def _ignore(_error: RecordError) -> None:
    pass


class RecordLookup:
    """Look up references and amendments, and skip the record for a while after it failed.

    Without an engine, the record counts as unavailable. After a failure it is not queried for `retry_seconds`, and
    `on_unavailable` gets the error.
    """

    def __init__(
        self,
        engine: AsyncEngine | None,
        *,
        retry_seconds: float,
        on_unavailable: Callable[[RecordError], None] = _ignore,
    ) -> None:
        self._engine = engine
        self._retry_seconds = retry_seconds
        self._on_unavailable = on_unavailable
        self._retry_at = 0.0
        self._amendments: dict[str, Sequence[Amendment]] = {}
        self._amendments_expire_at: dict[str, float] = {}

    async def find(self, reference: str) -> RecordedComplaint | None:
        """Find a complaint on the record; None also while the record is unavailable."""
        return await self._query(partial(find_complaint, reference=reference))

    async def amendments(self, region: str) -> Sequence[Amendment]:
        """Return a region's amendments, at most 10 s old.

        While the record is unavailable, they are as last read. The daily calendar check finds a complaint that was
        opened without some of them.
        """
        if monotonic() >= self._amendments_expire_at.get(region, 0.0):
            amendments = await self._query(partial(list_amendments, region=region))
            if amendments is not None:
                self._amendments[region] = amendments
                self._amendments_expire_at[region] = monotonic() + AMENDMENTS_REFRESH_SECONDS
        return self._amendments.get(region, ())

    def forget_amendments(self) -> None:
        """Read the amendments again when they are next needed: there is a new one."""
        self._amendments_expire_at.clear()

    async def _query(self, query: Callable[[AsyncEngine], Awaitable[T]]) -> T | None:
        if self._engine is None or monotonic() < self._retry_at:
            return None
        try:
            return await query(self._engine)
        except RecordError as error:
            if monotonic() >= self._retry_at:  # else a concurrent query has failed, too
                self._retry_at = monotonic() + self._retry_seconds
                self._on_unavailable(error)
            return None
