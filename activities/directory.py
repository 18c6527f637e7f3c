"""Query the staff directory for a complaint (R11)."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.asked_for import require_workflow
from activities.workflow_types import COMPLAINT
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult

ASK_DIRECTORY = "ask_directory"
"""The activity's name on the wire."""


class DirectoryActivities:
    """`find` answers soon, from the worker's copy while PostgreSQL is unavailable.

    It raises RecordError only where the worker has no copy yet.
    """

    def __init__(self, find: Callable[[DirectoryQuery], Awaitable[DirectoryResult]]) -> None:
        self._find = find

    @activity.defn(name=ASK_DIRECTORY)
    async def find(self, query: DirectoryQuery) -> DirectoryResult:
        require_workflow(COMPLAINT)
        return await self._find(query)
