"""The staff directory as a worker asks it: from PostgreSQL, and from memory while that is away."""

import asyncio
import logging
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.records import directory
from complaints.records.database import RecordError
from complaints.staff.directory import Directory

QUERY_TIMEOUT_SECONDS = 0.4
"""Seconds; an act waits for it."""
ASK_AGAIN_AFTER = 2.0
"""Seconds for which nobody waits for a PostgreSQL that did not answer."""
READ_EVERY = 15.0
"""Seconds; what was changed right before PostgreSQL went away is not known until it is back."""

log = logging.getLogger(__name__)


class CachedDirectory:
    """Keeps a copy of the whole directory, which answers when PostgreSQL does not within a moment.

    So acts go on, by what was known: who left or changed since is told once PostgreSQL is back, and complaints count as
    held as they were then. Whoever is not in the copy may have joined since: for them PostgreSQL is given longer. A
    worker reads it when it starts or is first asked, and then again and again.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._known: Directory | None = None
        self._is_away_until = 0.0

    async def find(self, question: DirectoryQuery) -> DirectoryResult:
        """Raises RecordError where nothing is known yet."""
        if self._known is None:
            await self.read()
        if asyncio.get_running_loop().time() >= self._is_away_until:
            try:
                async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
                    return await directory.find(self._engine, question)
            except (RecordError, TimeoutError) as error:
                self._is_away_until = asyncio.get_running_loop().time() + ASK_AGAIN_AFTER
                log.warning("the directory is answered from memory", extra={"why": str(error) or "no answer in time"})
        if not self._remembers(question):
            with suppress(RecordError):
                return await directory.find(self._engine, question)
        return self._from_memory(question)

    async def read(self) -> None:
        """Raises RecordError."""
        self._known = await directory.whole(self._engine)
        if not self._known.members:
            log.warning("the staff directory is empty: nobody may act", extra={"to_do": "complaints staff import"})

    def _remembers(self, question: DirectoryQuery) -> bool:
        return self._known is not None and self._known.knows(question.staff_ids)

    def _from_memory(self, question: DirectoryQuery) -> DirectoryResult:
        """Whoever is chosen counts as holding it, or all that comes meanwhile would be given to one."""
        assert self._known is not None, "it was read before"
        found = self._known.answer(question)
        if found.assignee:
            self._known.held[found.assignee] = self._known.held.get(found.assignee, 0) + 1
        return found

    async def keep_current(self) -> None:
        """For ever. While the record is away the last copy stays."""
        while True:
            try:
                await self.read()
            except RecordError as error:
                log.debug("the directory could not be read", extra={"why": str(error)})
            await asyncio.sleep(READ_EVERY)
