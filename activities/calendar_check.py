"""Alert leads to open complaints whose calendar is not the one in force."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.heartbeat import heartbeat

CHECK = "check_calendars"
"""The activity's name on the wire."""


class CalendarCheckActivities:
    def __init__(self, check: Callable[[datetime], Awaitable[list[str]]]) -> None:
        self._check = check

    @activity.defn(name=CHECK)
    async def check_calendars(self, now: datetime) -> list[str]:
        """Return the tiers whose leads were alerted. Raises while the channel is unavailable."""
        async with heartbeat():
            return await self._check(now)
