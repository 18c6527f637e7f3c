"""Anonymise complaints at the end of the policy's retention period."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

PLAN, ANONYMISE, ANNOUNCE = "plan_retention", "anonymise_expired", "announce_retention"
"""The activities' names on the wire."""


class RetentionPlan(BaseModel):
    """The number of complaints to anonymise and to review."""

    on: date
    """The day on which the retention period ends, in the policy's time zone."""
    anonymise: dict[str, int] = {}
    """By kind: not_taken, answered, reviewed."""
    review: dict[str, int] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.anonymise or self.review)


class Announcement(BaseModel):
    """The notice that leads get."""

    plan: RetentionPlan
    anonymised_on: date


class AnonymisationBatch(BaseModel):
    """The input of one batch."""

    on: date
    at: datetime
    """The instant of anonymisation, for the tombstones."""
    by: str | None = None
    """The member of staff who started it; None: the yearly run."""


class AnonymisedBatch(BaseModel):
    """What one batch anonymised, to be done again if the record is restored to an older state."""

    references: list[str]
    """Empty: none is left."""
    why: str


class RetentionActivities:
    def __init__(
        self,
        plan: Callable[[datetime], Awaitable[RetentionPlan]],
        anonymise: Callable[[AnonymisationBatch], Awaitable[AnonymisedBatch]],
    ) -> None:
        self._plan = plan
        self._anonymise = anonymise

    @activity.defn(name=PLAN)
    async def plan_retention(self, at: datetime) -> RetentionPlan:
        return await self._plan(at)

    @activity.defn(name=ANONYMISE)
    async def anonymise(self, batch: AnonymisationBatch) -> AnonymisedBatch:
        """Anonymise one batch in one transaction."""
        return await self._anonymise(batch)


class RetentionNoticeActivities:
    """The notice, sent by a worker with channels."""

    def __init__(self, announce: Callable[[Announcement], Awaitable[None]]) -> None:
        self._announce = announce

    @activity.defn(name=ANNOUNCE)
    async def announce(self, announcement: Announcement) -> None:
        """Send each lead the plan. Raises while the channel is unavailable."""
        async with heartbeat():
            await self._announce(announcement)
