"""Tells leads of open complaints that carry another calendar than the one in force."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.heartbeat import heartbeat

CHECK = "check_calendars"
"""Its name on the wire."""


class CalendarCheckActivities:
    def __init__(self, check: Callable[[datetime], Awaitable[list[str]]]) -> None:
        self._check = check

    @activity.defn(name=CHECK)
    async def check_calendars(self, now: datetime) -> list[str]:
        """The tiers whose leads were told. Raises while the channel is away."""
        async with heartbeat():
            return await self._check(now)
