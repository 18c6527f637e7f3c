"""Takes the people out of complaints that have been kept for as long as the policy says."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

PLAN, ANONYMISE, ANNOUNCE = "plan_retention", "anonymise_expired", "announce_retention"
"""Their names on the wire."""


class RetentionPlan(BaseModel):
    """What is to become of how many complaints."""

    on: date
    """The day on which their time is over, in the policy's time zone."""
    anonymise: dict[str, int] = {}
    """By their kind: not_taken, answered, reviewed."""
    review: dict[str, int] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.anonymise or self.review)


class Announcement(BaseModel):
    plan: RetentionPlan
    anonymised_on: date


class AnonymisationBatch(BaseModel):
    on: date
    at: datetime
    """When they are anonymised, for their tombstones."""
    by: str | None = None
    """Who had it done; None: the yearly run."""


class RetentionActivities:
    def __init__(
        self,
        look: Callable[[datetime], Awaitable[RetentionPlan]],
        anonymise: Callable[[AnonymisationBatch], Awaitable[int]],
    ) -> None:
        self._look = look
        self._anonymise = anonymise

    @activity.defn(name=PLAN)
    async def plan_retention(self, at: datetime) -> RetentionPlan:
        return await self._look(at)

    @activity.defn(name=ANONYMISE)
    async def anonymise(self, batch: AnonymisationBatch) -> int:
        """A bounded number of them, in one transaction: how many. None is left when it says 0."""
        return await self._anonymise(batch)


class RetentionNoticeActivities:
    """Done by a worker with channels."""

    def __init__(self, announce: Callable[[Announcement], Awaitable[None]]) -> None:
        self._announce = announce

    @activity.defn(name=ANNOUNCE)
    async def announce(self, announcement: Announcement) -> None:
        """Tell each lead what is to come. Raises while the channel is away."""
        async with heartbeat():
            await self._announce(announcement)
