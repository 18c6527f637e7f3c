"""Draft the annual report of the year that has just ended."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.heartbeat import heartbeat

DRAFT = "draft_annual_report"
"""The activity's name on the wire."""


class ReportActivities:
    """`draft` writes the files of the year before an instant, and returns their names."""

    def __init__(self, draft: Callable[[datetime], Awaitable[list[str]]]) -> None:
        self._draft = draft

    @activity.defn(name=DRAFT)
    async def draft(self, now: datetime) -> list[str]:
        """Return the names of the files; empty where that year's report exists."""
        async with heartbeat():
            return await self._draft(now)
