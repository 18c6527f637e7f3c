"""Start what measures a worker: of its process, of complaints, and of what Temporal says."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter

from activities.task_queues import delivery_queue, operations_queue, report_queue
from complaints.encryption.data_keys import KeyRing
from complaints.metrics.process import ProcessMetrics
from complaints.metrics.temporal_state import (
    DeploymentMetrics,
    PollerMetrics,
    ScheduleMetrics,
    StuckMetrics,
    refresh_periodically,
)
from complaints.procedure.policy import Policy
from complaints.runtime.background import background_task
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings
from worker.observability.counters import create_counters
from worker.observability.metrics import refresh_backlog, refresh_keys_read, refresh_totals
from worker.observability.recording_backlog import RecordingBacklog
from worker.observability.without_workflow import refresh_without_workflow
from worker.roles.served import hands_over, roles_of
from worker.schedules import ANNUAL_REPORT, AUDIT_ROOT, CALENDAR_CHECK, DIGEST, RETENTION


@asynccontextmanager
async def measure(
    meter: MetricMeter,
    settings: WorkerSettings,
    policy: Policy,
    client: Client,
    monitoring: AsyncEngine,
    backlog: RecordingBacklog | None,
    keys: KeyRing,
) -> AsyncIterator[None]:
    """Measure for the length of a `with` block, where COMPLAINTS_METRICS is set.

    Each worker measures itself, and who polls each task queue, so that one notices when another is away. What concerns
    all complaints is measured by the workers of operations. `backlog`: of a worker of complaints.
    """
    if settings.metrics is None:
        yield
        return
    process = ProcessMetrics(meter, build_id=settings.build_id or "", deployment=settings.deployment or "")
    refreshes = [PollerMetrics(meter, client, _polled(settings)).refresh]
    tasks = [process.refresh_periodically(), refresh_periodically(refreshes), refresh_keys_read(meter, keys)]
    if settings.deployment:
        refreshes.append(DeploymentMetrics(meter, client, settings.deployment).refresh)
    if backlog:
        create_counters(meter, policy, client.namespace, settings.task_queue)
        tasks.append(refresh_backlog(meter, backlog))
    if WorkerRole.OPERATIONS in roles_of(settings):
        queues = [queue(settings.task_queue) for queue in (str, operations_queue, delivery_queue)]
        refreshes += [
            StuckMetrics(meter, client, queues).refresh,
            ScheduleMetrics(meter, client, (DIGEST, CALENDAR_CHECK, RETENTION, AUDIT_ROOT, ANNUAL_REPORT)).refresh,
        ]
        tasks += [
            refresh_totals(meter, monitoring),
            refresh_without_workflow(meter, client, monitoring, settings.task_queue),
        ]
    async with AsyncExitStack() as running:
        for task in tasks:
            await running.enter_async_context(background_task(task))
        yield


def _polled(settings: WorkerSettings) -> list[str]:
    """Return the task queues that some worker must poll, as far as these settings say."""
    polled = [settings.task_queue, operations_queue(settings.task_queue)]
    if hands_over(settings):
        polled.append(delivery_queue(settings.task_queue))
    if settings.reports:
        polled.append(report_queue(settings.task_queue))
    return polled
