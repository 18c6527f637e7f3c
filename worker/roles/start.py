"""Start what each role of a worker needs: pools, background loops, and its worker."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter, WorkerDeploymentVersion
from temporalio.worker import Worker

from complaints.encryption.data_keys import KeyRing
from complaints.procedure.policy import Policy
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.service import open_engine
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from worker.annual_report import report_worker
from worker.composition import make_backlog, make_operations_worker, make_worker
from worker.delivery.outbox import OutboxDispatcher, sweep
from worker.delivery.start import open_deliveries
from worker.idle_complaints import IdleComplaints
from worker.observability.metrics import RecordingMetrics
from worker.observability.recording_backlog import RecordingBacklog
from worker.observability.start import measure
from worker.retention.start import retention_activities
from worker.roles.served import RECORDING_ROLES, hands_over, roles_of
from worker.staff_directory import CachedDirectory


@dataclass(frozen=True)
class WorkerContext:
    """What every role uses."""

    settings: WorkerSettings
    policy: Policy
    client: Client
    database_url: str
    keys: KeyRing
    meter: MetricMeter
    version: WorkerDeploymentVersion | None
    on_fatal_error: Callable[[BaseException], Awaitable[None]]


@asynccontextmanager
async def open_roles(context: WorkerContext, monitoring: AsyncEngine) -> AsyncIterator[list[Worker]]:
    """Return a worker for each role, not started yet, so that all drain at the same time.

    Raises StartupError.
    """
    settings, roles = context.settings, roles_of(context.settings)
    backlog: RecordingBacklog | None = None
    async with AsyncExitStack() as opened:
        workers: list[Worker] = []
        if roles & RECORDING_ROLES:
            recordings = await opened.enter_async_context(
                open_engine(
                    context.database_url,
                    keys=context.keys,
                    pool="recordings",
                    pool_size=settings.recording_connections,
                )
            )
            if WorkerRole.COMPLAINTS in roles:
                backlog = make_backlog(
                    recordings,
                    with_webhook=settings.webhook is not None,
                    observe=RecordingMetrics(context.meter).observe,
                )
                workers.append(await opened.enter_async_context(_open_complaints(context, recordings, backlog)))
            if WorkerRole.OPERATIONS in roles:
                workers.append(await opened.enter_async_context(_open_operations(context, recordings)))
        if WorkerRole.DELIVERIES in roles:
            workers.append(
                await opened.enter_async_context(
                    open_deliveries(
                        settings,
                        context.policy,
                        context.client,
                        context.database_url,
                        context.keys,
                        context.meter,
                        version=context.version,
                        on_fatal_error=context.on_fatal_error,
                    )
                )
            )
        if WorkerRole.REPORTS in roles:
            workers.append(
                await opened.enter_async_context(
                    report_worker(
                        settings,
                        context.policy,
                        context.client,
                        context.database_url,
                        context.keys,
                        version=context.version,
                        on_fatal_error=context.on_fatal_error,
                    )
                )
            )
        await opened.enter_async_context(
            measure(context.meter, settings, context.policy, context.client, monitoring, backlog, context.keys)
        )
        yield workers


@asynccontextmanager
async def _open_complaints(
    context: WorkerContext, engine: AsyncEngine, backlog: RecordingBacklog
) -> AsyncIterator[Worker]:
    """Serve complaints, and hand what they owe over to the workers of deliveries."""
    settings, client = context.settings, context.client
    directory, idle = CachedDirectory(engine), IdleComplaints(client)
    outbox: OutboxDispatcher | None = None
    async with AsyncExitStack() as opened:
        if hands_over(settings):
            outbox = OutboxDispatcher(client, settings.task_queue, with_webhook=settings.webhook is not None)
            await opened.enter_async_context(outbox.running())
            if WorkerRole.DELIVERIES not in roles_of(settings):  # which sweeps at its start, too
                # So what a killed predecessor had only noted does not wait for the next sweep of another worker.
                left = sweep(client, settings.task_queue, engine, now())
                await opened.enter_async_context(background_task(left))
        await opened.enter_async_context(background_task(directory.refresh_periodically()))
        await opened.enter_async_context(background_task(idle.release_periodically()))
        yield make_worker(
            client,
            engine,
            settings.task_queue,
            settings=settings,
            version=context.version,
            backlog=backlog,
            outbox=outbox,
            directory=directory,
            idle=idle,
            on_fatal_error=context.on_fatal_error,
        )


@asynccontextmanager
async def _open_operations(context: WorkerContext, engine: AsyncEngine) -> AsyncIterator[Worker]:
    """Serve Schedules, recalculation, retention and erasure."""
    settings = context.settings
    async with retention_activities(
        context.client,
        context.database_url,
        context.keys,
        context.policy,
        now,
        post_room=settings.post_room,
        local_mail=settings.local_mail,
    ) as activities:
        yield make_operations_worker(
            context.client,
            engine,
            settings.task_queue,
            activities,
            version=context.version,
            on_fatal_error=context.on_fatal_error,
        )
