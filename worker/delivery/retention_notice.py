"""Announce to leads which complaints will be anonymised."""

from collections.abc import Callable
from datetime import datetime

from activities.retention import Announcement
from complaints.messages.staff_email import retention_email
from complaints.procedure.policy import Policy
from worker.delivery.deliverer import MessageSender


class RetentionNotice:
    def __init__(self, sender: MessageSender, policy: Policy, now: Callable[[], datetime]) -> None:
        self._sender = sender
        self._policy = policy
        self._now = now

    async def send(self, announcement: Announcement) -> None:
        """Send the notice to the leads of each tier.

        Raises ChannelUnavailableError, ChannelRefusedError, RecordUnreachableError.
        """
        plan = announcement.plan
        message = retention_email(plan.anonymise, plan.review, announcement.anonymised_on)
        for tier in self._policy.tiers:
            key = f"retention.{tier.id}.{plan.on}"
            await self._sender.send_to_lead(tier.id, message, key, self._now())
