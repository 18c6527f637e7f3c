"""Find open complaints with a stale calendar, and recalculate their dates."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

COUNT, FIND, REDATE = "count_stale", "find_stale", "redate"
"""The activities' names on the wire."""


class RecalendarBatch(BaseModel):
    """The complaints to recalculate, and the member of staff who does it."""

    references: list[str]
    by: str
    run: str
    """The id of the workflow's first run."""


class Tally(BaseModel):
    """The results so far, by complaint."""

    redated: int = 0
    refused: list[str] = []
    """Complaints that refused the act, as another act came first."""
    gone: list[str] = []
    """Complaints without an open workflow."""
    unanswered: list[str] = []

    @property
    def processed(self) -> int:
        return self.redated + len(self.refused) + len(self.gone) + len(self.unanswered)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            redated=self.redated + other.redated,
            refused=self.refused + other.refused,
            gone=self.gone + other.gone,
            unanswered=self.unanswered + other.unanswered,
        )


class RecalendarActivities:
    """`count` and `find` read the record. `find` returns the next batch after a reference."""

    def __init__(
        self,
        count: Callable[[], Awaitable[int]],
        find: Callable[[str], Awaitable[list[str]]],
        redate: Callable[[RecalendarBatch], Awaitable[Tally]],
    ) -> None:
        self._count = count
        self._find = find
        self._redate = redate

    @activity.defn(name=COUNT)
    async def count_stale(self) -> int:
        async with heartbeat():
            return await self._count()

    @activity.defn(name=FIND)
    async def find_stale(self, after: str) -> list[str]:
        """Return the references of the next batch; empty at the end."""
        async with heartbeat():
            return await self._find(after)

    @activity.defn(name=REDATE)
    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Recalculate each complaint once, also on a retry."""
        async with heartbeat():
            return await self._redate(batch)
