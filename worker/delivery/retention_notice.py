"""Announce to leads which complaints will be anonymised."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.retention import RetentionRun
from complaints.channels.errors import ChannelRefusedError
from complaints.messages.staff_email import retention_email
from complaints.procedure.policy import Policy
from worker.delivery.deliverer import MessageSender
from worker.retention.anonymise import anonymises_at, plan_of, require_run

log = logging.getLogger(__name__)


class RetentionNotice:
    def __init__(self, engine: AsyncEngine, sender: MessageSender, policy: Policy, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._sender = sender
        self._policy = policy
        self._now = now

    async def send(self, request: RetentionRun) -> None:
        """Send the notice to the leads of each tier.

        Raises NotAskedForError, ChannelUnavailableError, RecordUnreachableError, and ChannelRefusedError if no lead
        can get it.
        """
        run = await require_run(self._engine, request)
        plan = await plan_of(self._engine, self._policy, run)
        message = retention_email(plan.anonymise, plan.review, anonymises_at(run).date())
        refusals: list[ChannelRefusedError] = []
        for tier in self._policy.tiers:
            key = f"retention.{tier.id}.{plan.on}"
            try:
                await self._sender.send_to_lead(tier.id, message, key, self._now())
            except ChannelRefusedError as error:
                log.warning("a notice of retention cannot be sent", extra={"tier": tier.id, "why": str(error)})
                refusals.append(error)
        if len(refusals) == len(self._policy.tiers):
            raise refusals[0]
