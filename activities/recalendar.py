"""Find open complaints with a stale calendar, and recalculate their dates."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from activities.asked_for import require_workflow
from activities.heartbeat import heartbeat
from activities.workflow_types import RECALENDAR, RECALENDAR_LATER

CLAIM, COUNT, COMPARE, FIND = "claim_recalendar", "count_stale", "compare_stale", "find_stale"
REDATE, START_LATER, FINISH = "redate", "start_later", "finish_recalendar"
"""The activities' names on the wire."""


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


class RecalendarClaim(BaseModel):
    """A run, and the workflow run that is to carry it out."""

    run: str
    """Its id on the record."""
    workflow_run: str | None
    """The workflow's first run; None: the run for later dates, which follows it."""


class RecalendarBatch(BaseModel):
    """The complaints to recalculate."""

    run: str
    """The run's id on the record, for the acts' ids."""
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
    """`count`, `compare` and `find` read the record; the latter two begin after a reference.

    `claim` returns who asked for the run. It, `redate` and `start_later` raise NotAskedForError if nobody did.
    """

    def __init__(
        self,
        claim: Callable[[RecalendarClaim], Awaitable[str]],
        count: Callable[[], Awaitable[int]],
        compare: Callable[[str], Awaitable[ComparedComplaints]],
        find: Callable[[str], Awaitable[list[str]]],
        redate: Callable[[RecalendarBatch], Awaitable[Tally]],
        start_later: Callable[[str], Awaitable[None]],
        finish: Callable[[str], Awaitable[None]],
    ) -> None:
        self._claim = claim
        self._count = count
        self._compare = compare
        self._find = find
        self._redate = redate
        self._start_later = start_later
        self._finish = finish

    @activity.defn(name=CLAIM)
    async def claim_recalendar(self, claim: RecalendarClaim) -> str:
        """Return the id of the member of staff who asked for the run."""
        require_workflow(RECALENDAR, RECALENDAR_LATER)
        return await self._claim(claim)

    @activity.defn(name=COUNT)
    async def count_stale(self) -> int:
        require_workflow(RECALENDAR, RECALENDAR_LATER)
        async with heartbeat():
            return await self._count()

    @activity.defn(name=COMPARE)
    async def compare_stale(self, after: str) -> ComparedComplaints:
        """Return which of the next complaints have a date that changes."""
        require_workflow(RECALENDAR)
        async with heartbeat():
            return await self._compare(after)

    @activity.defn(name=FIND)
    async def find_stale(self, after: str) -> list[str]:
        """Return the references of the next batch; empty at the end."""
        require_workflow(RECALENDAR_LATER)
        async with heartbeat():
            return await self._find(after)

    @activity.defn(name=REDATE)
    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Recalculate each complaint once, also on a retry."""
        require_workflow(RECALENDAR, RECALENDAR_LATER)
        async with heartbeat():
            return await self._redate(batch)

    @activity.defn(name=START_LATER)
    async def start_later(self, run: str) -> None:
        """Start the run for later dates, in place of one that still continues."""
        require_workflow(RECALENDAR)
        await self._start_later(run)

    @activity.defn(name=FINISH)
    async def finish_recalendar(self, run: str) -> None:
        require_workflow(RECALENDAR, RECALENDAR_LATER)
        await self._finish(run)
