"""Run the worker until SIGTERM or SIGINT, then drain."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter, WorkerDeploymentVersion

from complaints.metrics.endpoint import open_runtime
from complaints.policies.loader import load_policy
from complaints.procedure.policy import Policy, PolicyError
from complaints.records.personal.encryption import keys_of
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.health import postgresql_check, temporal_check
from complaints.runtime.http_server import serve_http
from complaints.runtime.logs import LIMITS
from complaints.runtime.service import (
    StartupError,
    database_url_of,
    listening_socket,
    open_engine,
    stop_event,
)
from complaints.settings import WorkerSettings, settings_errors
from worker.annual_report import report_worker
from worker.composition import make_backlog, make_operations_worker, make_worker, run_workers
from worker.connections import temporal_and_record
from worker.database_connections import MONITORING_CONNECTIONS
from worker.delivery.start import open_deliveries
from worker.idle_complaints import IdleComplaints
from worker.observability.health import Health
from worker.observability.metrics import RecordingMetrics
from worker.observability.start import measure
from worker.preflight import missing_prerequisites
from worker.retention.start import retention_activities
from worker.staff_directory import CachedDirectory
from worker.versioning import report_deployment_status

log = logging.getLogger("worker")


class WorkerFailedError(Exception):
    """Temporal does not let the worker continue."""


def read_settings(environment: Mapping[str, str]) -> WorkerSettings:
    """Read the settings. Raises StartupError with one line for each error."""
    try:
        return WorkerSettings.read(environment)
    except ValidationError as error:
        raise StartupError("\n".join(settings_errors(error))) from error


async def run(settings: WorkerSettings, environment: Mapping[str, str]) -> None:
    """Run until SIGTERM or SIGINT. Raises StartupError, WorkerFailedError."""
    database_url = database_url_of(settings)
    runtime = open_runtime("COMPLAINTS_METRICS", settings.metrics)
    async with temporal_and_record(settings, environment, runtime, pool_size=settings.recording_connections) as (
        client,
        engine,
    ):
        if lines := await missing_prerequisites(client, engine):
            raise StartupError("\n".join(lines))
        async with open_engine(database_url, pool="monitoring", pool_size=MONITORING_CONNECTIONS) as monitoring:
            await _work(client, engine, monitoring, database_url, settings, runtime.metric_meter)


async def _work(
    client: Client,
    engine: AsyncEngine,
    monitoring: AsyncEngine,
    database_url: str,
    settings: WorkerSettings,
    meter: MetricMeter,
) -> None:
    policy, keys = _policy(settings), keys_of(engine)
    backlog = make_backlog(engine, with_webhook=settings.webhook is not None, observe=RecordingMetrics(meter).observe)
    directory, idle = CachedDirectory(engine), IdleComplaints(client)
    version, health = _version(settings), Health(temporal_check(client), postgresql_check(monitoring))
    stopping = stop_event()
    async with AsyncExitStack() as opened:
        if settings.http:
            await opened.enter_async_context(
                serve_http(health.app(), listening_socket("COMPLAINTS_HTTP", settings.http), hosts=settings.hosts)
            )
        retention = retention_activities(
            client, database_url, keys, policy, now, post_room=settings.post_room, local_mail=settings.local_mail
        )
        deliveries = await opened.enter_async_context(
            open_deliveries(
                settings, policy, client, database_url, keys, meter, version=version, on_fatal_error=health.fail
            )
        )
        worker = make_worker(
            client,
            engine,
            settings.task_queue,
            settings=settings,
            version=version,
            backlog=backlog,
            outbox=deliveries.outbox if deliveries else None,
            directory=directory,
            idle=idle,
            on_fatal_error=health.fail,
        )
        operations = make_operations_worker(
            client,
            engine,
            settings.task_queue,
            await opened.enter_async_context(retention),
            version=version,
            on_fatal_error=health.fail,
        )
        workers = [worker, operations, *([deliveries.worker] if deliveries else [])]
        await opened.enter_async_context(report_worker(settings, policy, client, database_url, keys, version=version))
        await opened.enter_async_context(background_task(directory.refresh_periodically()))
        await opened.enter_async_context(background_task(idle.release_periodically()))
        await opened.enter_async_context(measure(meter, settings, policy, client, monitoring, backlog))
        try:
            log.info("limits", extra={name: getattr(settings, name) for name in LIMITS})
            async with run_workers(*workers):
                for each in workers:
                    log.info("polling", extra={"task_queue": each.task_queue})
                health.state = "polling"
                if version:
                    await opened.enter_async_context(background_task(report_deployment_status(client, version)))
                with _ready(settings.ready_file):
                    await stopping.wait()
                health.state = "draining"
                log.info("draining")
        except RuntimeError as error:
            raise WorkerFailedError(f"the worker failed: {error}") from error
    log.info("stopped")


def _policy(settings: WorkerSettings) -> Policy:
    try:
        return load_policy(settings.policy)
    except PolicyError as error:
        raise StartupError(f"COMPLAINTS_POLICY: {error}") from error


def _version(settings: WorkerSettings) -> WorkerDeploymentVersion | None:
    if settings.deployment is None or settings.build_id is None:
        return None
    return WorkerDeploymentVersion(settings.deployment, settings.build_id)


@contextmanager
def _ready(file: Path | None) -> Iterator[None]:
    """Keep the ready file for the length of a `with` block. Raises StartupError."""
    try:
        if file:
            file.touch()
    except OSError as error:
        raise StartupError(
            f"COMPLAINTS_READY_FILE: cannot create {file} ({error.strerror}); choose a writable folder"
        ) from error
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)
