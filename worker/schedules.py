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
from workflows.digest import DigestWorkflow
from workflows.report import AnnualReportWorkflow

DIGEST = "digest"
"""Its id, and that of the workflows which it starts, with their instant."""
CATCH_UP_WITHIN = timedelta(hours=8)
"""A digest that Temporal could not start in the morning is of use until the evening."""
ANNUAL_REPORT = "annual-report"
DRAFT_WITHIN = timedelta(days=60)
"""A draft is of use long after its day."""


async def make_schedules(client: Client, policy: Policy, task_queue: str) -> None:
    """Every day at the policy's hour; whether that is a working day is seen then. One that is there stays as it is."""
    at = ScheduleCalendarSpec(
        hour=[ScheduleRange(policy.notices_at.hour)], minute=[ScheduleRange(policy.notices_at.minute)]
    )
    action = ScheduleActionStartWorkflow(DigestWorkflow.run, id=DIGEST, task_queue=task_queue)
    await _make(client, DIGEST, action, at, policy, CATCH_UP_WITHIN)


async def make_report_schedule(client: Client, policy: Policy, begins: YearBegins, task_queue: str) -> None:
    """On the first day of each year, at the policy's hour, for the year that has ended."""
    at = ScheduleCalendarSpec(
        month=[ScheduleRange(begins.month)],
        day_of_month=[ScheduleRange(begins.day)],
        hour=[ScheduleRange(policy.notices_at.hour)],
        minute=[ScheduleRange(policy.notices_at.minute)],
    )
    action = ScheduleActionStartWorkflow(AnnualReportWorkflow.run, id=ANNUAL_REPORT, task_queue=task_queue)
    await _make(client, ANNUAL_REPORT, action, at, policy, DRAFT_WITHIN)


async def _make(
    client: Client,
    name: str,
    action: ScheduleActionStartWorkflow,
    at: ScheduleCalendarSpec,
    policy: Policy,
    catch_up_within: timedelta,
) -> None:
    schedule = Schedule(
        action=action,
        spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=catch_up_within),
    )
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(name, schedule)
