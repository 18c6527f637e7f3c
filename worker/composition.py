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
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from activities.calendar import CalendarActivities
from activities.directory import DirectoryActivities
from activities.recalendar import RecalendarActivities
from activities.record import RecordActivities
from activities.task_queues import delivery_queue, operations_queue
from complaints.procedure.views.views import Transition
from complaints.records.transitions import Written, write_transition
from complaints.settings import WorkerSettings
from worker.delivery.outbox import OutboxDispatcher
from worker.idle_complaints import IdleComplaints
from worker.observability.recording_backlog import RecordingBacklog
from worker.recalendar import Recalculation
from worker.staff_directory import CachedDirectory
from worker.versioning import version_options
from worker.workflow_runner import GuardedWorkflowRunner
from workflows.complaint import ComplaintWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.digest import AuditRootWorkflow, DigestWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.recalendar import CalendarCheckWorkflow, RecalendarLaterWorkflow, RecalendarWorkflow
from workflows.report import AnnualReportWorkflow
from workflows.retention import RetentionWorkflow

OPERATIONS_WORKFLOWS = (
    DigestWorkflow,
    RecalendarWorkflow,
    RecalendarLaterWorkflow,
    CalendarCheckWorkflow,
    AuditRootWorkflow,
    RetentionWorkflow,
    ErasureWorkflow,
    AnnualReportWorkflow,
)
"""The workflows of Schedules, and of commands about many complaints or about a closed one."""
WORKFLOWS = (ComplaintWorkflow, DeliveryWorkflow, *OPERATIONS_WORKFLOWS)
DRAINING_TIMEOUT = timedelta(seconds=30)
"""For running activities, from SIGTERM."""
NONSTICKY_POLLERS = 0.5
"""Share of the pollers that take tasks of complaints which are new or were released."""
MAX_CONCURRENT_DELIVERIES = 20
"""Letters and alerts sent at a time; each holds a database connection."""
MAX_CONCURRENT_DELIVERY_TASKS = 2
"""Each takes 10 ms of CPU, which complaints need, too: 20 at a time made acts four times slower among 1,200 alerts."""
MAX_CACHED_DELIVERIES = 100
"""A delivery's history has a few events, so one that is not cached is replayed at once."""
MAX_CONCURRENT_OPERATION_TASKS = 2
MAX_CONCURRENT_OPERATIONS = 5
MAX_CACHED_OPERATIONS = 10
"""Few run at a time."""


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
    settings: WorkerSettings | None = None,
    version: WorkerDeploymentVersion | None = None,
    backlog: RecordingBacklog | None = None,
    directory: CachedDirectory | None = None,
    outbox: OutboxDispatcher | None = None,
    idle: IdleComplaints | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Return a worker of complaints, unversioned where `version` is None.

    Of `settings` it reads the limits; None: the defaults. Without `backlog`, no metric counts its failed recordings.
    Without `directory`, it reads one at the first query. Without `outbox`, letters and alerts wait in PostgreSQL for
    a worker that has one. Without `idle`, no idle complaint is released.
    """
    limits = settings or WorkerSettings()
    backlog = backlog or make_backlog(engine)

    async def write(transition: Transition) -> bool:
        if idle:
            idle.note_work(transition.reference)
        return await backlog.write(transition)

    return Worker(
        client,
        task_queue=task_queue,
        workflows=[ComplaintWorkflow],
        activities=[
            RecordActivities(write, outbox.dispatch if outbox else _no_dispatch).record,
            DirectoryActivities((directory or CachedDirectory(engine)).answer_query).find,
            CalendarActivities(Recalculation(client, engine).further_years).fetch_calendar,
        ],
        workflow_runner=GuardedWorkflowRunner(),
        max_cached_workflows=limits.cached_complaints,
        max_concurrent_workflow_tasks=limits.workflow_tasks,
        max_concurrent_local_activities=limits.recording_connections,
        max_concurrent_activities=limits.recording_connections,
        workflow_task_poller_behavior=PollerBehaviorSimpleMaximum(limits.workflow_pollers),
        nonsticky_to_sticky_poll_ratio=NONSTICKY_POLLERS,
        activity_task_poller_behavior=PollerBehaviorSimpleMaximum(limits.activity_pollers),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=limits.sticky_timeout),
        graceful_shutdown_timeout=DRAINING_TIMEOUT,
        on_fatal_error=on_fatal_error,
        **version_options(version),
    )


def make_operations_worker(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    activities: Sequence[Callable[..., Any]] = (),
    *,
    version: WorkerDeploymentVersion | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> Worker:
    """Return the worker of Schedules, recalculation, retention and erasure.

    `task_queue` is that of complaints. `activities` are those of retention and erasure. This worker has a queue, slots
    and a cache of its own, so that a complaint's task never waits behind what takes minutes.
    """
    recalculation = Recalculation(client, engine)
    recalendar = RecalendarActivities(
        recalculation.claim,
        recalculation.count_stale,
        recalculation.compare_stale,
        recalculation.find_stale,
        recalculation.redate,
        recalculation.start_later,
        recalculation.finish,
    )
    return Worker(
        client,
        task_queue=operations_queue(task_queue),
        workflows=OPERATIONS_WORKFLOWS,
        activities=[
            recalendar.claim_recalendar,
            recalendar.count_stale,
            recalendar.compare_stale,
            recalendar.find_stale,
            recalendar.redate,
            recalendar.start_later,
            recalendar.finish_recalendar,
            *activities,
        ],
        workflow_runner=GuardedWorkflowRunner(),
        max_cached_workflows=MAX_CACHED_OPERATIONS,
        max_concurrent_workflow_tasks=MAX_CONCURRENT_OPERATION_TASKS,
        max_concurrent_activities=MAX_CONCURRENT_OPERATIONS,
        graceful_shutdown_timeout=DRAINING_TIMEOUT,
        on_fatal_error=on_fatal_error,
        **version_options(version),
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
        workflows=[DeliveryWorkflow],
        activities=activities,
        workflow_runner=GuardedWorkflowRunner(),
        max_concurrent_workflow_tasks=MAX_CONCURRENT_DELIVERY_TASKS,
        max_concurrent_activities=concurrency,
        max_cached_workflows=MAX_CACHED_DELIVERIES,
        graceful_shutdown_timeout=DRAINING_TIMEOUT,
        on_fatal_error=on_fatal_error,
        **version_options(version),
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
