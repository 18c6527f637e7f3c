"""Find open complaints with a stale calendar, and recalculate their dates."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

COUNT, COMPARE, FIND, REDATE = "count_stale", "compare_stale", "find_stale", "redate"
START_LATER = "start_later"
"""The activities' names on the wire."""
NOT_ASKED_FOR = "not_asked_for"
"""The type of the error of a run that the record does not ask for."""


class ComparedComplaints(BaseModel):
    """Some complaints with a stale calendar, compared with the calendar in force."""

    number: int = 0
    affected: list[str] = []
    """Those with a date that changes."""
    first: str | None = None
    last: str | None = None
    """None: there are no more after these."""

    @property
    def later(self) -> int:
        """How many get the calendar only for the dates that they set later."""
        return self.number - len(self.affected)


class RecalendarRequest(BaseModel):
    """Who recalculates, and the run that they started."""

    by: str
    asked_in: int = 0
    """The number of the event by which the record asks for the run."""
    run: str
    """The id of the workflow's first run, for the acts' ids."""


class RecalendarBatch(RecalendarRequest):
    """The complaints to recalculate."""

    references: list[str]
    is_urgent: bool = True
    """Whether dates change. Otherwise the complaints wait behind other work."""


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
    """`count`, `compare` and `find` read the record; the latter two begin after a reference."""

    def __init__(
        self,
        count: Callable[[], Awaitable[int]],
        compare: Callable[[str], Awaitable[ComparedComplaints]],
        find: Callable[[str], Awaitable[list[str]]],
        redate: Callable[[RecalendarBatch], Awaitable[Tally]],
        start_later: Callable[[RecalendarRequest], Awaitable[None]],
    ) -> None:
        self._count = count
        self._compare = compare
        self._find = find
        self._redate = redate
        self._start_later = start_later

    @activity.defn(name=COUNT)
    async def count_stale(self) -> int:
        async with heartbeat():
            return await self._count()

    @activity.defn(name=COMPARE)
    async def compare_stale(self, after: str) -> ComparedComplaints:
        """Return which of the next complaints have a date that changes."""
        async with heartbeat():
            return await self._compare(after)

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

    @activity.defn(name=START_LATER)
    async def start_later(self, request: RecalendarRequest) -> None:
        """Start the run for later dates, in place of one that still continues."""
        await self._start_later(request)
