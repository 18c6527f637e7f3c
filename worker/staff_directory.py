"""Staff directory of a worker, with an in-memory fallback."""

import asyncio
import logging
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.records import directory
from complaints.records.database import RecordError
from complaints.records.deliveries import read_letter_deliveries
from complaints.staff.directory import Directory

QUERY_TIMEOUT_SECONDS = 0.4
"""An act waits for it."""
RETRY_AFTER_SECONDS = 2.0
"""Time after a failed query in which the copy answers at once."""
REFRESH_SECONDS = 15.0
"""The copy may miss the changes of this time before PostgreSQL became unavailable."""

log = logging.getLogger(__name__)


class CachedDirectory:
    """Staff directory with an in-memory fallback.

    Query PostgreSQL (0.4 s timeout), else answer from a copy refreshed every 15 s. For an id that the copy lacks,
    query PostgreSQL again without the short timeout. Until PostgreSQL is back, changes of staff and of the number of
    complaints held are unknown.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._copy: Directory | None = None
        self._unavailable_until = 0.0

    async def answer_query(self, query: DirectoryQuery) -> DirectoryResult:
        """Answer from PostgreSQL, else from the copy. Raises RecordError where there is no copy yet.

        What became of letters is not in the copy: without PostgreSQL, such a query raises RecordError.
        """
        result = await self._find(query)
        if not query.letters:
            return result
        assert query.reference is not None
        deliveries = await read_letter_deliveries(self._engine, query.reference, query.letters)
        return result.model_copy(update={"deliveries": deliveries})

    async def _find(self, query: DirectoryQuery) -> DirectoryResult:
        if self._copy is None:
            await self.refresh()
        if asyncio.get_running_loop().time() >= self._unavailable_until:
            try:
                async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
                    return await directory.answer_query(self._engine, query)
            except (RecordError, TimeoutError) as error:
                self._unavailable_until = asyncio.get_running_loop().time() + RETRY_AFTER_SECONDS
                log.warning(
                    "the staff directory answers from its copy", extra={"why": str(error) or "no answer in time"}
                )
        if not self._copy_covers(query):
            with suppress(RecordError):
                return await directory.answer_query(self._engine, query)
        return self._answer_from_copy(query)

    async def refresh(self) -> None:
        """Read the directory into the copy. Raises RecordError."""
        self._copy = await directory.read_directory(self._engine)
        if not self._copy.members:
            log.warning("the staff directory is empty: nobody may act", extra={"to_do": "complaints staff import"})

    def _copy_covers(self, query: DirectoryQuery) -> bool:
        return self._copy is not None and self._copy.has_all(query.staff_ids)

    def _answer_from_copy(self, query: DirectoryQuery) -> DirectoryResult:
        """Answer from the copy.

        Count the new complaint for its assignee, else one person would get all of them.
        """
        assert self._copy is not None
        result = self._copy.resolve(query)
        if result.assignee:
            self._copy.holding_counts[result.assignee] = self._copy.holding_counts.get(result.assignee, 0) + 1
        return result

    async def refresh_periodically(self) -> None:
        """Refresh the copy until cancelled. While PostgreSQL is unavailable the last copy stays."""
        while True:
            try:
                await self.refresh()
            except RecordError as error:
                log.debug("the directory could not be read", extra={"why": str(error)})
            await asyncio.sleep(REFRESH_SECONDS)
