"""Asks the staff directory what a complaint needs to know of it (R11)."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult

ASK_DIRECTORY = "ask_directory"
"""Its name on the wire."""


class DirectoryActivities:
    """`find` answers soon, also while PostgreSQL is away: then from what this worker last knew of the directory.

    It raises only where a worker has not known it yet.
    """

    def __init__(self, find: Callable[[DirectoryQuery], Awaitable[DirectoryResult]]) -> None:
        self._find = find

    @activity.defn(name=ASK_DIRECTORY)
    async def find(self, question: DirectoryQuery) -> DirectoryResult:
        return await self._find(question)
