"""Assemble the workers: their workflows, and their activities with their implementations."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker

from activities.calendar import CalendarActivities
from activities.delivery import delivery_queue
from activities.directory import DirectoryActivities
from activities.recalendar import RecalendarActivities
from activities.record import RecordActivities
from complaints.procedure.views.views import Transition
from complaints.records.transitions import Written, write_transition
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.delivery.outbox import OutboxDispatcher
from worker.observability.recording_backlog import RecordingBacklog
from worker.recalendar import Recalculation
from worker.sandbox.runner import sandbox
from worker.staff_directory import CachedDirectory
from worker.versioning import deployment_config
from workflows.complaint import ComplaintWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.digest import DigestWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.recalendar import CalendarCheckWorkflow, RecalendarLaterWorkflow, RecalendarWorkflow
from workflows.report import AnnualReportWorkflow
from workflows.retention import RetentionWorkflow

WORKFLOWS = (
    ComplaintWorkflow,
    DigestWorkflow,
    RecalendarWorkflow,
    RecalendarLaterWorkflow,
    CalendarCheckWorkflow,
    RetentionWorkflow,
    ErasureWorkflow,
    AnnualReportWorkflow,
)
DELIVERY_WORKFLOWS = (DeliveryWorkflow,)
"""The workflows of the task queue of deliveries."""
DRAINING_TIMEOUT = timedelta(seconds=30)
"""For running activities, from SIGTERM."""
MAX_CONCURRENT_DELIVERIES = 20
"""Letters and alerts sent at a time; each holds a database connection."""
MAX_CONCURRENT_DELIVERY_TASKS = 2
"""Each takes 10 ms of CPU, which complaints need, too: 20 at a time made acts four times slower among 1,200 alerts."""
MAX_CACHED_DELIVERIES = 100
"""A delivery's history has a few events, so one that is not cached is replayed at once."""


def make_backlog(
    engine: AsyncEngine, *, with_webhook: bool = False, observe: Callable[[Written], None] | None = None
) -> RecordingBacklog:
    """Return a backlog that writes transitions. `with_webhook`: alerts also go to the webhook."""
    return RecordingBacklog(partial(write_transition, engine, with_webhook=with_webhook), observe)


def make_worker(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    *,
    version: WorkerDeploymentVersion | None = None,
    backlog: RecordingBacklog | None = None,
    directory: CachedDirectory | None = None,
    outbox: OutboxDispatcher | None = None,
    extra_activities: Sequence[Callable[..., Any]] = (),
    concurrency: int = MAX_CONCURRENT_RECORDINGS,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Return a worker of `task_queue`, unversioned where `version` is None.

    Without `backlog`, no metric counts its failed recordings. Without `directory`, it reads one at the first query.
    Without `outbox`, letters and alerts wait in PostgreSQL for a worker that has one. `extra_activities` serve
    workflows other than the complaint's.
    """
    recalculation = Recalculation(client, engine)
    recalendar = RecalendarActivities(
        recalculation.count_stale,
        recalculation.compare_stale,
        recalculation.find_stale,
        recalculation.redate,
        recalculation.start_later,
    )
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[
            RecordActivities(
                (backlog or make_backlog(engine)).write, outbox.dispatch if outbox else _no_dispatch
            ).record,
            DirectoryActivities((directory or CachedDirectory(engine)).answer_query).find,
            CalendarActivities(recalculation.further_years).fetch_calendar,
            recalendar.count_stale,
            recalendar.compare_stale,
            recalendar.find_stale,
            recalendar.redate,
            recalendar.start_later,
            *extra_activities,
        ],
        workflow_runner=sandbox(),
        deployment_config=deployment_config(version) if version else None,
        max_concurrent_local_activities=concurrency,
        max_concurrent_activities=concurrency,
        # After a kill, complaints wait this long for another worker (default: 10 s).
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=DRAINING_TIMEOUT,
        on_fatal_error=on_fatal_error,
    )


def make_delivery_worker(
    client: Client,
    task_queue: str,
    activities: Sequence[Callable[..., Any]],
    *,
    concurrency: int = MAX_CONCURRENT_DELIVERIES,
    version: WorkerDeploymentVersion | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Return the worker of deliveries, and of every activity that needs channels.

    `task_queue` is that of complaints. This worker has a queue, slots and a cache of its own: ten thousand slow
    letters neither delay a complaint's workflow task nor push complaints out of the cache.
    """
    return Worker(
        client,
        task_queue=delivery_queue(task_queue),
        workflows=DELIVERY_WORKFLOWS,
        activities=activities,
        workflow_runner=sandbox(),
        deployment_config=deployment_config(version) if version else None,
        max_concurrent_workflow_tasks=MAX_CONCURRENT_DELIVERY_TASKS,
        max_concurrent_activities=concurrency,
        max_cached_workflows=MAX_CACHED_DELIVERIES,
        graceful_shutdown_timeout=DRAINING_TIMEOUT,
        on_fatal_error=on_fatal_error,
    )


@asynccontextmanager
async def run_workers(*workers: Worker) -> AsyncIterator[None]:
    """Run workers for the length of a `with` block. At its end, drain them all at the same time.

    Raises RuntimeError where one of them fails.
    """
    async with AsyncExitStack() as running:
        for worker in workers:
            await running.enter_async_context(worker)
        yield
        await asyncio.gather(*(worker.shutdown() for worker in workers))


async def _no_dispatch(_: Transition) -> None:
    pass
