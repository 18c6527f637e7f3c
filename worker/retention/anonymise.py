"""Plan and run the anonymisation of expired complaints."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.retention import AnonymisationBatch, AnonymisedBatch, RetentionPlan
from complaints.channels.post_room import PostRoom
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.erasure import anonymise
from complaints.records.retention import count_expired, list_expired

BATCH_SIZE = 200
"""Complaints anonymised in one transaction."""
REASON = "kept for as long as the policy {policy} says"


class Anonymiser:
    """`policy` gives the periods. Letters in `post_room` are deleted with their complaint."""

    def __init__(self, engine: AsyncEngine, policy: Policy, post_room: PostRoom | None) -> None:
        self._engine = engine
        self._policy = policy
        self._post_room = post_room

    async def plan(self, at: datetime) -> RetentionPlan:
        """Count the complaints that have expired, by kind. Raises RecordUnreachableError."""
        on = at.astimezone(zone(self._policy.time_zone)).date()
        plan = RetentionPlan(on=on)
        for kind, then, number in await count_expired(self._engine, self._policy, on):
            (plan.review if then == "review" else plan.anonymise)[kind] = number
        return plan

    async def anonymise(self, batch: AnonymisationBatch) -> AnonymisedBatch:
        """Anonymise one batch. Raises RecordUnreachableError, OSError."""
        complaints = list_expired(self._engine, self._policy, batch.on, then="anonymise", limit=BATCH_SIZE)
        references = [complaint.reference async for complaint in complaints]
        why = REASON.format(policy=f"{self._policy.id} {self._policy.version}")
        if references:
            if self._post_room:
                await self._post_room.delete_letters(references)
            await anonymise(self._engine, references, batch.at, batch.by, why)
        return AnonymisedBatch(references=references, why=why)
