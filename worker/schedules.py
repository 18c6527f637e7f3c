"""Create the Schedules, once for each namespace."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

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

from activities.task_queues import operations_queue
from complaints.procedure.policy import Policy, YearBegins
from complaints.temporal.summaries import fit_summary
from worker.retention.anonymise import NOTICE_DAYS
from workflows.digest import AuditRootWorkflow, DigestWorkflow
from workflows.recalendar import CalendarCheckWorkflow
from workflows.report import AnnualReportWorkflow
from workflows.retention import RetentionInput, RetentionWorkflow

DIGEST, CALENDAR_CHECK, RETENTION, AUDIT_ROOT = "digest", "calendar-check", "retention", "audit-root"
"""The Schedules\' ids."""
CATCH_UP_WINDOW = timedelta(hours=8)
"""A run that Temporal missed in the morning is useful until the evening."""
ANNUAL_REPORT = "annual-report"
DRAFT_CATCH_UP_WINDOW = timedelta(days=60)
"""A draft is useful long after its day."""
MARCH = 3


def workflow_id(schedule: str) -> str:
    """Return the id of a Schedule's workflows, to which Temporal appends the instant.

    No complaint's reference has a slash. So these workflows have the services' own key, with and without the instant.
    """
    return f"schedule/{schedule}"


async def make_schedules(client: Client, policy: Policy, task_queue: str, *, with_audit: bool = False) -> None:
    """Create all but the report's, at the policy's hour. An existing Schedule stays unchanged.

    `with_audit`: also that of the signed root, for which the worker has a key.
    """
    daily: list[tuple[str, Any, str]] = [
        (DIGEST, DigestWorkflow.run, "Digest of the morning, to each tier's leads"),
        (CALENDAR_CHECK, CalendarCheckWorkflow.run, "Check for open complaints whose calendar is out of date"),
    ]
    if with_audit:
        daily.append((AUDIT_ROOT, AuditRootWorkflow.run, "Signed root over the chains of all complaints"))
    for name, workflow, summary in daily:
        action = ScheduleActionStartWorkflow(
            workflow,
            id=workflow_id(name),
            task_queue=operations_queue(task_queue),
            static_summary=fit_summary(summary),
        )
        await _make(client, name, _every_morning(action, policy))
    if policy.retention:
        yearly = ScheduleActionStartWorkflow(
            RetentionWorkflow.run,
            RetentionInput(),
            id=workflow_id(RETENTION),
            task_queue=operations_queue(task_queue),
            static_summary=fit_summary(
                f"Notice to the leads; {NOTICE_DAYS} days later, complaints past retention are anonymised"
            ),
        )
        await _make(client, RETENTION, _yearly(MARCH, 1, yearly, policy))


async def make_report_schedule(client: Client, policy: Policy, begins: YearBegins, task_queue: str) -> None:
    """Create the Schedule of the annual report, on the first day of the reporting year."""
    action = ScheduleActionStartWorkflow(
        AnnualReportWorkflow.run,
        id=workflow_id(ANNUAL_REPORT),
        task_queue=operations_queue(task_queue),
        static_summary=fit_summary("Draft of the annual report"),
    )
    schedule = _yearly(begins.month, begins.day, action, policy)
    schedule.policy.catchup_window = DRAFT_CATCH_UP_WINDOW
    await _make(client, ANNUAL_REPORT, schedule)


async def _make(client: Client, name: str, schedule: Schedule) -> None:
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(name, schedule)


def _every_morning(action: ScheduleActionStartWorkflow, policy: Policy) -> Schedule:
    """Return a daily Schedule. Each run checks whether its day is a working day."""
    at = ScheduleCalendarSpec(
        hour=[ScheduleRange(policy.notices_at.hour)], minute=[ScheduleRange(policy.notices_at.minute)]
    )
    return Schedule(
        action=action,
        spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP_WINDOW),
    )


def _yearly(month: int, day: int, action: ScheduleActionStartWorkflow, policy: Policy) -> Schedule:
    at = ScheduleCalendarSpec(
        month=[ScheduleRange(month)],
        day_of_month=[ScheduleRange(day)],
        hour=[ScheduleRange(policy.notices_at.hour)],
        minute=[ScheduleRange(policy.notices_at.minute)],
    )
    return Schedule(action=action, spec=ScheduleSpec(calendars=[at], time_zone_name=policy.time_zone))
