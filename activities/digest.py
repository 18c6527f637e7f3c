"""Tells each tier's lead in the morning what is due today, overdue, and held."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.heartbeat import beating

WHOM, TELL = "whom_to_tell", "tell_lead"
"""Their names on the wire."""


class LeadsDay(BaseModel):
    """A tier whose lead is to be told, and of which day."""

    tier: str
    day: date


class DigestActivities:
    def __init__(
        self,
        whom: Callable[[datetime], Awaitable[list[LeadsDay]]],
        tell: Callable[[LeadsDay], Awaitable[bool]],
    ) -> None:
        self._whom = whom
        self._tell = tell

    @activity.defn(name=WHOM)
    async def whom_to_tell(self, now: datetime) -> list[LeadsDay]:
        """Nobody, where that is no working day."""
        return await self._whom(now)

    @activity.defn(name=TELL)
    async def tell_lead(self, lead: LeadsDay) -> bool:
        """Whether there was anything to say; else nothing is sent. Raises while the channel is away."""
        async with beating():
            return await self._tell(lead)
