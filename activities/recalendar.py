"""Finds the complaints whose calendar is no longer in force, and has their dates counted afresh."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

COUNT, FIND, REDATE = "count_stale", "find_stale", "redate"
"""Their names on the wire."""


class RecalendarBatch(BaseModel):
    """Complaints to be told, and by whom the change is made."""

    references: list[str]
    by: str
    run: str
    """Which run it is of."""


class Tally(BaseModel):
    """What became of the complaints so far."""

    redated: int = 0
    refused: list[str] = []
    """Those which refused it, as the act of another had come first."""
    gone: list[str] = []
    """Those which Temporal has no open workflow for."""
    unanswered: list[str] = []

    @property
    def seen(self) -> int:
        return self.redated + len(self.refused) + len(self.gone) + len(self.unanswered)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            redated=self.redated + other.redated,
            refused=self.refused + other.refused,
            gone=self.gone + other.gone,
            unanswered=self.unanswered + other.unanswered,
        )


class RecalendarActivities:
    """`count` and `find` read the record: `find` the next few after a reference. `redate` tells them."""

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
        """Empty: there are no more."""
        async with heartbeat():
            return await self._find(after)

    @activity.defn(name=REDATE)
    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Once for each, also when it is tried again."""
        async with heartbeat():
            return await self._redate(batch)
