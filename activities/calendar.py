"""Fetches the holidays of further years for a complaint that lives long."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from temporalio import activity

from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy


class FurtherYears(BaseModel):
    """Of which policy, and after which calendar."""

    policy: Policy
    calendar: WorkingCalendar


class CalendarActivities:
    """`further_years` reckons the years that follow a calendar's last day."""

    def __init__(self, further_years: Callable[[Policy, WorkingCalendar], Awaitable[WorkingCalendar]]) -> None:
        self._further_years = further_years

    @activity.defn(name="fetch_calendar")
    async def fetch_calendar(self, asked: FurtherYears) -> WorkingCalendar:
        return await self._further_years(asked.policy, asked.calendar)
