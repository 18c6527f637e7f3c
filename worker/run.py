"""Run the worker until SIGTERM or SIGINT, then drain."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import WorkerDeploymentVersion

from complaints.metrics.endpoint import open_runtime
from complaints.policies.loader import load_policy
from complaints.procedure.policy import Policy, PolicyError
from complaints.records.personal.encryption import keys_of
from complaints.runtime.background import background_task
from complaints.runtime.health import postgresql_check, temporal_check
from complaints.runtime.http_server import serve_http
from complaints.runtime.logs import LIMITS
from complaints.runtime.service import (
    StartupError,
    database_url_of,
    listening_socket,
    stop_event,
)
from complaints.settings import WorkerSettings, settings_errors
from worker.composition import run_workers
from worker.connections import temporal_and_record
from worker.database_connections import MONITORING_CONNECTIONS
from worker.observability.health import Health
from worker.preflight import missing_prerequisites
from worker.roles.served import check_needs
from worker.roles.start import WorkerContext, open_roles
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
    check_needs(settings)
    runtime = open_runtime("COMPLAINTS_METRICS", settings.metrics)
    async with temporal_and_record(
        settings, environment, runtime, pool="monitoring", pool_size=MONITORING_CONNECTIONS
    ) as (client, monitoring):
        if lines := await missing_prerequisites(client, monitoring):
            raise StartupError("\n".join(lines))
        health = Health(temporal_check(client), postgresql_check(monitoring))
        context = WorkerContext(
            settings=settings,
            policy=_policy(settings),
            client=client,
            database_url=database_url,
            keys=keys_of(monitoring),
            meter=runtime.metric_meter,
            version=_version(settings),
            on_fatal_error=health.fail,
        )
        await _work(context, monitoring, health)


async def _work(context: WorkerContext, monitoring: AsyncEngine, health: Health) -> None:
    settings = context.settings
    stopping = stop_event()
    async with AsyncExitStack() as opened:
        if settings.http:
            await opened.enter_async_context(
                serve_http(health.app(), listening_socket("COMPLAINTS_HTTP", settings.http), hosts=settings.hosts)
            )
        workers = await opened.enter_async_context(open_roles(context, monitoring))
        try:
            log.info("limits", extra={name: getattr(settings, name) for name in LIMITS})
            async with run_workers(*workers):
                for each in workers:
                    log.info("polling", extra={"task_queue": each.task_queue})
                health.state = "polling"
                if version := context.version:
                    await opened.enter_async_context(background_task(report_deployment_status(context.client, version)))
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
