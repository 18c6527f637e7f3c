"""Puts the worker together: the workflow, and the activities with their collaborators."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker

from activities.calendar import CalendarActivities
from activities.record import RecordActivities
from complaints.records.writing import record
from complaints.snapshots import further_years
from worker.backlog import Backlog
from worker.sandbox import sandbox
from worker.versioning import deployment_config
from workflows.complaint import ComplaintWorkflow

RECORDS_AT_ONCE = 20
"""How many transitions are recorded at a time; the database's pool holds as many connections."""


def make_backlog(engine: AsyncEngine) -> Backlog:
    return Backlog(partial(record, engine))


def make_worker(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    *,
    version: WorkerDeploymentVersion | None = None,
    backlog: Backlog | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Without a `version`, Temporal does not tell it from others; without a `backlog`, nobody hears of its failures."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[ComplaintWorkflow],
        activities=[
            RecordActivities((backlog or make_backlog(engine)).write).record,
            CalendarActivities(further_years).fetch_calendar,
        ],
        workflow_runner=sandbox(),
        deployment_config=deployment_config(version) if version else None,
        max_concurrent_local_activities=RECORDS_AT_ONCE,
        max_concurrent_activities=RECORDS_AT_ONCE,
        # A killed worker's complaints wait no longer than this for the next one (the default is 10 s).
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=30),
        on_fatal_error=on_fatal_error,
    )
