"""The Schedules that the product needs, made once for a namespace."""

from contextlib import suppress
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)

from complaints.procedure.policy import Policy, YearBegins
from workflows.calendar_check import CalendarCheckWorkflow
from workflows.digest import DigestWorkflow
from workflows.report import AnnualReportWorkflow
from workflows.retention import RetentionInput, RetentionWorkflow

DIGEST, CALENDAR_CHECK, RETENTION = "digest", "calendar-check", "retention"
"""Their ids, and those of the workflows which they start, with their instant."""
CATCH_UP_WITHIN = timedelta(hours=8)
"""What Temporal could not start in the morning is of use until the evening."""
ANNUAL_REPORT = "annual-report"
DRAFT_WITHIN = timedelta(days=60)
"""A draft is of use long after its day."""
MARCH = 3
DAYS_OF_NOTICE = 31
"""What is announced on 1 March is anonymised on 1 April, when the year of the reports begins."""


async def make_schedules(client: Client, policy: Policy, task_queue: str) -> None:
    """All at the policy's hour. One that is there stays as it is."""
    for name, workflow in ((DIGEST, DigestWorkflow.run), (CALENDAR_CHECK, CalendarCheckWorkflow.run)):
        action = ScheduleActionStartWorkflow(workflow, id=name, task_queue=task_queue)
        await _make(client, name, _every_morning(action, policy))
    if policy.retention:
        given = RetentionInput(days_of_notice=DAYS_OF_NOTICE)
        yearly = ScheduleActionStartWorkflow(RetentionWorkflow.run, given, id=RETENTION, task_queue=task_queue)
        await _make(client, RETENTION, _yearly(MARCH, 1, yearly, policy))


async def make_report_schedule(client: Client, policy: Policy, begins: YearBegins, task_queue: str) -> None:
    """On the first day of each year, for the one that has ended."""
    action = ScheduleActionStartWorkflow(AnnualReportWorkflow.run, id=ANNUAL_REPORT, task_queue=task_queue)
    schedule = _yearly(begins.month, begins.day, action, policy)
    schedule.policy.catchup_window = DRAFT_WITHIN
    await _make(client, ANNUAL_REPORT, schedule)


async def _make(client: Client, name: str, schedule: Schedule) -> None:
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(name, schedule)


def _every_morning(action: ScheduleActionStartWorkflow, policy: Policy) -> Schedule:
    """Whether that is a working day is seen then."""
    at = ScheduleCalendarSpec(
        hour=[ScheduleRange(policy.notices_at.hour)], minute=[ScheduleRange(policy.notices_at.minute)]
    )
    return Schedule(
        action=action,
        spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP_WITHIN),
    )


def _yearly(month: int, day: int, action: ScheduleActionStartWorkflow, policy: Policy) -> Schedule:
    at = ScheduleCalendarSpec(
        month=[ScheduleRange(month)],
        day_of_month=[ScheduleRange(day)],
        hour=[ScheduleRange(policy.notices_at.hour)],
        minute=[ScheduleRange(policy.notices_at.minute)],
    )
    return Schedule(action=action, spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone))
