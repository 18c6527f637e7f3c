"""Drafts the annual report of the year that has just ended."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.heartbeat import heartbeat

DRAFT = "draft_annual_report"
"""Its name on the wire."""


def queue_of(task_queue: str) -> str:
    """Where drafts are made: only workers that have a folder for them take any."""
    return f"{task_queue}-reports"


class ReportActivities:
    """`draft` writes the files of the year before that instant, and returns their names."""

    def __init__(self, draft: Callable[[datetime], Awaitable[list[str]]]) -> None:
        self._draft = draft

    @activity.defn(name=DRAFT)
    async def draft(self, now: datetime) -> list[str]:
        """Empty where that year's report is there already."""
        async with heartbeat():
            return await self._draft(now)
