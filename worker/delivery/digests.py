"""Sends the morning's digests."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.digest import DigestRequest
from complaints.calendars.builder import calendar_for
from complaints.messages.staff_email import message_of_digest
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import amendments_of
from complaints.records.digests import digest_of, tiers
from worker.delivery.deliverer import MessageSender


class DigestSender:
    """Working days are those of `policy`; `now` is the real instant."""

    def __init__(
        self, engine: AsyncEngine, delivering: MessageSender, policy: Policy, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._delivering = delivering
        self._policy = policy
        self._now = now

    async def recipients(self, at: datetime) -> list[DigestRequest]:
        """Raises RecordUnreachableError."""
        calendar = calendar_for(self._policy, at, at, await amendments_of(self._engine, self._policy.region))
        today = calendar.day_of(at)
        if calendar.why_skipped(today):
            return []
        return [DigestRequest(tier=tier, day=today) for tier in await tiers(self._engine)]

    async def send(self, lead: DigestRequest) -> bool:
        """Raises ChannelAwayError, ChannelRefusedError, RecordUnreachableError."""
        digest = await digest_of(self._engine, lead.tier, lead.day)
        if digest.is_empty:
            return False
        key = f"digest.{lead.tier}.{lead.day}"
        await self._delivering.send_to_staff(
            f"lead:{lead.tier}", digest.leads, message_of_digest(digest), key, self._now(), reference=None
        )
        return True
