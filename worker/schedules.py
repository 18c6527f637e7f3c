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

from complaints.procedure.policy import Policy
from workflows.digest import DigestWorkflow
from workflows.retention import RetentionInput, RetentionWorkflow

DIGEST = "digest"
"""Its id, and that of the workflows which it starts, with their instant."""
RETENTION = "retention"
"""The same."""
CATCH_UP_WITHIN = timedelta(hours=8)
"""A digest that Temporal could not start in the morning is of use until the evening."""

MARCH = 3
DAYS_OF_NOTICE = 31
"""What is announced on 1 March is anonymised on 1 April, when the year of the reports begins."""


async def make_schedules(client: Client, policy: Policy, task_queue: str) -> None:
    """All at the policy's hour. One that is there stays as it is."""
    hour, minute = [ScheduleRange(policy.notices_at.hour)], [ScheduleRange(policy.notices_at.minute)]
    each_day = ScheduleCalendarSpec(hour=hour, minute=minute)
    on_1_march = ScheduleCalendarSpec(
        month=[ScheduleRange(MARCH)], day_of_month=[ScheduleRange(1)], hour=hour, minute=minute
    )
    schedules = {
        DIGEST: Schedule(  # whether that is a working day is seen then
            action=ScheduleActionStartWorkflow(DigestWorkflow.run, id=DIGEST, task_queue=task_queue),
            spec=ScheduleSpec(calendars=[each_day], time_zone_name=policy.time_zone),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP_WITHIN),
        )
    }
    if policy.retention:
        given = RetentionInput(days_of_notice=DAYS_OF_NOTICE)
        schedules[RETENTION] = Schedule(
            action=ScheduleActionStartWorkflow(RetentionWorkflow.run, given, id=RETENTION, task_queue=task_queue),
            spec=ScheduleSpec(calendars=[on_1_march], time_zone_name=policy.time_zone),
        )
    for name, schedule in schedules.items():
        with suppress(ScheduleAlreadyRunningError):
            await client.create_schedule(name, schedule)
