"""Alert leads to open complaints whose calendar is not the one in force."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.asked_for import require_workflow, workflow_run
from activities.heartbeat import heartbeat
from activities.workflow_types import CALENDAR_CHECK

CHECK = "check_calendars"
"""The activity's name on the wire."""


class CalendarCheckActivities:
    """`check` takes the instant by Temporal's clock, and the workflow run."""

    def __init__(self, check: Callable[[datetime, str], Awaitable[list[str]]]) -> None:
        self._check = check

    @activity.defn(name=CHECK)
    async def check_calendars(self) -> list[str]:
        """Return the tiers whose leads were alerted. Raises while the channel is unavailable."""
        require_workflow(CALENDAR_CHECK)
        async with heartbeat():
            return await self._check(activity.info().scheduled_time, workflow_run())
