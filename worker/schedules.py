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
from workflows.calendar_check import CalendarCheckWorkflow
from workflows.digest import DigestWorkflow

DIGEST, CALENDAR_CHECK = "digest", "calendar-check"
"""Their ids, and those of the workflows which they start, with their instant."""
CATCH_UP_WITHIN = timedelta(hours=8)
"""What Temporal could not start in the morning is of use until the evening."""


async def make_schedules(client: Client, policy: Policy, task_queue: str) -> None:
    """Every day at the policy's hour; whether that is a working day is seen then. One that is there stays as it is."""
    for name, workflow in ((DIGEST, DigestWorkflow.run), (CALENDAR_CHECK, CalendarCheckWorkflow.run)):
        action = ScheduleActionStartWorkflow(workflow, id=name, task_queue=task_queue)
        with suppress(ScheduleAlreadyRunningError):
            await client.create_schedule(name, _every_morning(action, policy))


def _every_morning(action: ScheduleActionStartWorkflow, policy: Policy) -> Schedule:
    at = ScheduleCalendarSpec(
        hour=[ScheduleRange(policy.notices_at.hour)], minute=[ScheduleRange(policy.notices_at.minute)]
    )
    return Schedule(
        action=action,
        spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP_WITHIN),
    )
