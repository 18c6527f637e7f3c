"""Looks at what has been kept long enough, anonymises it, and tells the leads what is to come."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.retention import AnonymisationBatch, RetentionPlan
from complaints.channels.post_room import PostRoom
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.erasure import anonymise
from complaints.records.retention import expired, expired_by_kind

BATCH_SIZE = 200
"""How many are anonymised in one transaction."""
WHY = "kept for as long as the policy {policy} says"


class Anonymiser:
    """By the figures of `policy`; letters that lie in the post room still go with their complaint."""

    def __init__(self, engine: AsyncEngine, policy: Policy, post_room: PostRoom | None) -> None:
        self._engine = engine
        self._policy = policy
        self._post_room = post_room

    async def plan(self, at: datetime) -> RetentionPlan:
        """Raises RecordUnreachableError."""
        on = at.astimezone(zone(self._policy.time_zone)).date()
        outlook = RetentionPlan(on=on)
        for kind, then, number in await expired_by_kind(self._engine, self._policy, on):
            (outlook.review if then == "review" else outlook.anonymise)[kind] = number
        return outlook

    async def anonymise(self, batch: AnonymisationBatch) -> int:
        """Raises RecordUnreachableError, OSError."""
        found = expired(self._engine, self._policy, batch.on, then="anonymise", limit=BATCH_SIZE)
        references = [each.reference async for each in found]
        if references:
            if self._post_room:
                await self._post_room.forget(references)
            why = WHY.format(policy=f"{self._policy.id} {self._policy.version}")
            await anonymise(self._engine, references, batch.at, batch.by, why)
        return len(references)
