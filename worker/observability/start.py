"""Start what measures a worker: of its process, of complaints, and of what Temporal says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter

from activities.task_queues import delivery_queue, operations_queue, report_queue
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
from complaints.settings import WorkerSettings
from worker.delivery.channels import has_channels
from worker.observability.counters import create_counters
from worker.observability.metrics import refresh_totals
from worker.observability.recording_backlog import RecordingBacklog
from worker.observability.without_workflow import refresh_without_workflow
from worker.schedules import ANNUAL_REPORT, AUDIT_ROOT, CALENDAR_CHECK, DIGEST, RETENTION


@asynccontextmanager
async def measure(
    meter: MetricMeter,
    settings: WorkerSettings,
    policy: Policy,
    client: Client,
    monitoring: AsyncEngine,
    backlog: RecordingBacklog,
) -> AsyncIterator[None]:
    """Measure for the length of a `with` block, where COMPLAINTS_METRICS is set."""
    if settings.metrics is None:
        yield
        return
    create_counters(meter, policy, client.namespace, settings.task_queue)
    process = ProcessMetrics(meter, build_id=settings.build_id or "", deployment=settings.deployment or "")
    deliveries, operations = delivery_queue(settings.task_queue), operations_queue(settings.task_queue)
    polled = [settings.task_queue, operations]
    if has_channels(settings):
        polled.append(deliveries)
    if settings.reports:
        polled.append(report_queue(settings.task_queue))
    refreshes = [
        PollerMetrics(meter, client, polled).refresh,
        StuckMetrics(meter, client, (settings.task_queue, operations, deliveries)).refresh,
        ScheduleMetrics(meter, client, (DIGEST, CALENDAR_CHECK, RETENTION, AUDIT_ROOT, ANNUAL_REPORT)).refresh,
    ]
    if settings.deployment:
        refreshes.append(DeploymentMetrics(meter, client, settings.deployment).refresh)
    async with (
        background_task(process.refresh_periodically()),
        background_task(refresh_totals(meter, monitoring, backlog)),
        background_task(refresh_without_workflow(meter, client, monitoring, settings.task_queue)),
        background_task(refresh_periodically(refreshes)),
    ):
        yield
