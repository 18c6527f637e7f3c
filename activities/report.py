"""Draft the annual report of the year that has just ended."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.asked_for import require_workflow, workflow_run
from activities.heartbeat import heartbeat
from activities.workflow_types import ANNUAL_REPORT

DRAFT = "draft_annual_report"
"""The activity's name on the wire."""


class ReportActivities:
    """`draft` takes the instant by Temporal's clock, and the workflow run.

    It returns the files' names.
    """

    def __init__(self, draft: Callable[[datetime, str], Awaitable[list[str]]]) -> None:
        self._draft = draft

    @activity.defn(name=DRAFT)
    async def draft(self) -> list[str]:
        """Return the names of the files; empty where that year's report exists."""
        require_workflow(ANNUAL_REPORT)
        async with heartbeat():
            return await self._draft(activity.info().scheduled_time, workflow_run())
