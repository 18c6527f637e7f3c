"""Announce to leads which complaints will be anonymised."""

from collections.abc import Callable
from datetime import datetime

from activities.retention import Announcement
from complaints.messages.staff_email import message_of_retention
from complaints.procedure.policy import Policy
from worker.delivery.deliverer import MessageSender


class RetentionNotice:
    """To the lead of each tier."""

    def __init__(self, delivering: MessageSender, policy: Policy, now: Callable[[], datetime]) -> None:
        self._delivering = delivering
        self._policy = policy
        self._now = now

    async def send(self, announcement: Announcement) -> None:
        """Raises ChannelAwayError, ChannelRefusedError, RecordUnreachableError."""
        outlook = announcement.plan
        message = message_of_retention(outlook.anonymise, outlook.review, announcement.anonymised_on)
        for tier in self._policy.tiers:
            key = f"retention.{tier.id}.{outlook.on}"
            await self._delivering.send_to_lead(tier.id, message, key, self._now())
