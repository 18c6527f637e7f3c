"""Puts the worker together: the workflow, and the activities with their collaborators."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker

from activities.calendar import CalendarActivities
from activities.directory import DirectoryActivities
from activities.recalendar import RecalendarActivities
from activities.record import RecordActivities
from complaints.procedure.views.views import Transition
from complaints.records.transitions import write_transition
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.delivery.outbox import OutboxDispatcher
from worker.observability.recording_backlog import Backlog
from worker.recalendar import Recalculation
from worker.sandbox.runner import sandbox
from worker.staff_directory import CachedDirectory
from worker.versioning import deployment_config
from workflows.calendar_check import CalendarCheckWorkflow
from workflows.complaint import ComplaintWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.digest import DigestWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.recalendar import RecalendarWorkflow
from workflows.report import AnnualReportWorkflow
from workflows.retention import RetentionWorkflow

WORKFLOWS = (
    ComplaintWorkflow,
    DeliveryWorkflow,
    DigestWorkflow,
    RecalendarWorkflow,
    CalendarCheckWorkflow,
    RetentionWorkflow,
    ErasureWorkflow,
    AnnualReportWorkflow,
)


def make_backlog(engine: AsyncEngine, *, with_webhook: bool = False) -> Backlog:
    return Backlog(partial(write_transition, engine, with_webhook=with_webhook))


def make_worker(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    *,
    version: WorkerDeploymentVersion | None = None,
    backlog: Backlog | None = None,
    directory: CachedDirectory | None = None,
    posting: OutboxDispatcher | None = None,
    further: Sequence[Callable[..., Any]] = (),
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Without a `version`, Temporal does not tell it from others; without a `backlog`, nobody hears of its failures;
    without a `directory`, it reads one when it is first asked.

    Without `posting`, letters and alerts wait on the record for a worker that has some. `further` activities are done
    for those workflows that are no complaint's.
    """
    calendars = Recalculation(client, engine)
    recalendar = RecalendarActivities(calendars.count_stale, calendars.find_stale, calendars.redate)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[
            RecordActivities((backlog or make_backlog(engine)).write, posting.dispatch if posting else _leave).record,
            DirectoryActivities((directory or CachedDirectory(engine)).find).find,
            CalendarActivities(calendars.further_years).fetch_calendar,
            recalendar.count_stale,
            recalendar.find_stale,
            recalendar.redate,
            *further,
        ],
        workflow_runner=sandbox(),
        deployment_config=deployment_config(version) if version else None,
        max_concurrent_local_activities=MAX_CONCURRENT_RECORDINGS,
        max_concurrent_activities=MAX_CONCURRENT_RECORDINGS,
        # A killed worker's complaints wait no longer than this for the next one (the default is 10 s).
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=30),
        on_fatal_error=on_fatal_error,
    )


async def _leave(_: Transition) -> None:
    pass
