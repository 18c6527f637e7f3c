"""Anonymise complaints at the end of the policy's retention period."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.asked_for import require_workflow
from activities.heartbeat import heartbeat
from activities.workflow_types import RETENTION

PLAN, ANONYMISE, ANNOUNCE, FINISH = "plan_retention", "anonymise_expired", "announce_retention", "finish_retention"
"""The activities' names on the wire."""


class RetentionRun(BaseModel):
    """A run, and the workflow run that carries it out."""

    run: str
    """Its id on the record."""
    workflow_run: str
    """The workflow's first run."""


class RetentionRequest(BaseModel):
    """The start of a run."""

    run: str | None
    """Its id on the record; None: the Schedule's run of the day."""
    workflow_run: str


class RetentionPlan(BaseModel):
    """The number of complaints to anonymise and to review."""

    run: str
    on: date
    """The day on which the retention period ends, in the policy's time zone."""
    notice_days: int = 0
    """Days from the notice to the anonymisation; 0: no notice."""
    anonymise: dict[str, int] = {}
    """By kind: not_taken, answered, reviewed."""
    review: dict[str, int] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.anonymise or self.review)


class AnonymisedBatch(BaseModel):
    """What one batch anonymised, to be done again if the record is restored to an older state."""

    references: list[str]
    """Empty: none is left."""
    why: str
    at: datetime
    """The instant of anonymisation, for the tombstones."""
    by: str | None
    """The member of staff who asked for it; None: the Schedule."""


class RetentionActivities:
    """Each raises NotAskedForError for a run that nobody asked for.

    Instants are by Temporal's clock.
    """

    def __init__(
        self,
        plan: Callable[[RetentionRequest, datetime], Awaitable[RetentionPlan]],
        anonymise: Callable[[RetentionRun, datetime], Awaitable[AnonymisedBatch]],
        finish: Callable[[RetentionRun, datetime], Awaitable[None]],
    ) -> None:
        self._plan = plan
        self._anonymise = anonymise
        self._finish = finish

    @activity.defn(name=PLAN)
    async def plan_retention(self, request: RetentionRequest) -> RetentionPlan:
        require_workflow(RETENTION)
        return await self._plan(request, activity.info().scheduled_time)

    @activity.defn(name=ANONYMISE)
    async def anonymise(self, run: RetentionRun) -> AnonymisedBatch:
        """Anonymise one batch in one transaction."""
        require_workflow(RETENTION)
        return await self._anonymise(run, activity.info().scheduled_time)

    @activity.defn(name=FINISH)
    async def finish_retention(self, run: RetentionRun) -> None:
        require_workflow(RETENTION)
        await self._finish(run, activity.info().scheduled_time)


class RetentionNoticeActivities:
    """The notice, sent by a worker with channels."""

    def __init__(self, announce: Callable[[RetentionRun], Awaitable[None]]) -> None:
        self._announce = announce

    @activity.defn(name=ANNOUNCE)
    async def announce(self, run: RetentionRun) -> None:
        """Send each lead the plan. Raises while the channel is unavailable."""
        require_workflow(RETENTION)
        async with heartbeat():
            await self._announce(run)
