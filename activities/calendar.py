"""Extend the calendar of a complaint that stays open for years."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from activities.asked_for import require_workflow
from activities.workflow_types import COMPLAINT
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy


class CalendarRequest(BaseModel):
    """The policy, and the calendar to extend."""

    policy: Policy
    calendar: WorkingCalendar


class CalendarActivities:
    """`further_years` computes the years that follow a calendar's last day."""

    def __init__(self, further_years: Callable[[Policy, WorkingCalendar], Awaitable[WorkingCalendar]]) -> None:
        self._further_years = further_years

    @activity.defn(name="fetch_calendar")
    async def fetch_calendar(self, request: CalendarRequest) -> WorkingCalendar:
        require_workflow(COMPLAINT)
        return await self._further_years(request.policy, request.calendar)
