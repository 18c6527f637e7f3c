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

DIGEST = "digest"
"""Its id, and that of the workflows which it starts, with their instant."""
CATCH_UP_WITHIN = timedelta(hours=8)
"""A digest that Temporal could not start in the morning is of use until the evening."""


async def make_schedules(client: Client, policy: Policy, task_queue: str) -> None:
    """Every day at the policy's hour; whether that is a working day is seen then. One that is there stays as it is."""
    at = ScheduleCalendarSpec(
        hour=[ScheduleRange(policy.notices_at.hour)], minute=[ScheduleRange(policy.notices_at.minute)]
    )
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(DigestWorkflow.run, id=DIGEST, task_queue=task_queue),
        spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP_WITHIN),
    )
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(DIGEST, schedule)
