"""Tells each tier's lead in the morning what is due today, overdue, and held."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import heartbeat

LIST_RECIPIENTS, SEND = "list_digest_recipients", "send_digest"
"""Their names on the wire."""


class DigestRequest(BaseModel):
    """A tier whose lead is to be told, and of which day."""

    tier: str
    day: date


class DigestActivities:
    def __init__(
        self,
        whom: Callable[[datetime], Awaitable[list[DigestRequest]]],
        tell: Callable[[DigestRequest], Awaitable[bool]],
    ) -> None:
        self._whom = whom
        self._tell = tell

    @activity.defn(name=LIST_RECIPIENTS)
    async def list_digest_recipients(self, now: datetime) -> list[DigestRequest]:
        """Nobody, where that is no working day."""
        return await self._whom(now)

    @activity.defn(name=SEND)
    async def send_digest(self, lead: DigestRequest) -> bool:
        """Whether there was anything to say; else nothing is sent. Raises while the channel is away."""
        async with heartbeat():
            return await self._tell(lead)
