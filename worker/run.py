"""`python -m worker run`: does the complaints' work until it is told to stop, then drains."""

import asyncio
import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from socket import socket

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter, WorkerDeploymentVersion
from temporalio.runtime import Runtime

from complaints.policies.loader import load_policy
from complaints.procedure.policy import Policy, PolicyError
from complaints.records.database import make_engine
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.health import postgresql, temporal
from complaints.runtime.http_server import listen, serving
from complaints.settings import Address, WorkerSettings, settings_errors
from worker.annual_report import report_worker
from worker.composition import make_backlog, make_worker
from worker.connections import CannotStartError, temporal_and_record
from worker.delivery.start import delivery_worker
from worker.observability.health import Health
from worker.observability.metrics import Gauges, keep_current, make_runtime
from worker.preflight import missing
from worker.retention.start import retention_activities
from worker.staff_directory import CachedDirectory
from worker.versioning import tell_whether_current

WATCHERS = 2
"""Connections of those who watch: they wait for none that records."""

log = logging.getLogger("worker")


class WorkerFailedError(Exception):
    """What Temporal did not let it go on with."""


def read_settings(environment: Mapping[str, str]) -> WorkerSettings:
    """Raises CannotStartError."""
    try:
        return WorkerSettings.read(environment)
    except ValidationError as error:
        raise CannotStartError("\n".join(settings_errors(error))) from error


async def run(settings: WorkerSettings, environment: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStartError, WorkerFailedError."""
    runtime = _runtime(settings.metrics)
    async with temporal_and_record(environment, runtime) as (client, engine):
        if lines := await missing(client, engine):
            raise CannotStartError("missing: " + "\nmissing: ".join(lines))
        watching = make_engine(engine.url.render_as_string(hide_password=False), pool_size=WATCHERS)
        try:
            await _work(client, engine, watching, settings, runtime.metric_meter)
        finally:
            await watching.dispose()


async def _work(
    client: Client, engine: AsyncEngine, watching: AsyncEngine, settings: WorkerSettings, meter: MetricMeter
) -> None:
    """Raises CannotStartError, WorkerFailedError."""
    policy = _policy(settings)
    backlog = make_backlog(engine, with_webhook=settings.webhook is not None)
    directory = CachedDirectory(engine)
    version, health = _version(settings), Health(temporal(client), postgresql(watching))
    stopping = _told_to_stop()
    async with AsyncExitStack() as opened:
        if settings.http:
            await opened.enter_async_context(serving(health.app(), _listen(settings.http)))
        kept = retention_activities(
            client, engine, policy, now, post_room=settings.post_room, local_mail=settings.local_mail
        )
        worker = make_worker(
            client,
            engine,
            settings.task_queue,
            version=version,
            backlog=backlog,
            posting=await opened.enter_async_context(delivery_worker(settings, policy, client, engine)),
            further=await opened.enter_async_context(kept),
            directory=directory,
            on_fatal_error=health.fail,
        )
        await opened.enter_async_context(report_worker(settings, policy, client, engine))
        await opened.enter_async_context(background_task(directory.keep_current()))
        try:
            async with worker:
                log.info("polling", extra={"task_queue": settings.task_queue})
                health.state = "polling"
                if settings.metrics:
                    await opened.enter_async_context(background_task(keep_current(Gauges(meter), watching, backlog)))
                if version:
                    await opened.enter_async_context(background_task(tell_whether_current(client, version)))
                with _ready(settings.ready_file):
                    await stopping.wait()
                health.state = "draining"
                log.info("draining")
        except RuntimeError as error:
            raise WorkerFailedError(f"the worker cannot go on: {error}") from error
    log.info("stopped")


def _policy(settings: WorkerSettings) -> Policy:
    """Raises CannotStartError."""
    try:
        return load_policy(settings.policy)
    except PolicyError as error:
        raise CannotStartError(f"COMPLAINTS_POLICY: {error}") from error


def _runtime(metrics: Address | None) -> Runtime:
    """Raises CannotStartError."""
    try:
        return make_runtime(metrics)
    except ValueError as error:
        raise CannotStartError(f"COMPLAINTS_METRICS: {metrics} cannot be listened on: {error}") from error


def _listen(address: Address) -> socket:
    """Raises CannotStartError."""
    try:
        return listen(address)
    except OSError as error:
        raise CannotStartError(f"COMPLAINTS_HTTP: {address} cannot be listened on: {error.strerror}") from error


def _version(settings: WorkerSettings) -> WorkerDeploymentVersion | None:
    if settings.deployment is None or settings.build_id is None:
        return None
    return WorkerDeploymentVersion(settings.deployment, settings.build_id)


def _told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


@contextmanager
def _ready(file: Path | None) -> Iterator[None]:
    """Raises CannotStartError."""
    try:
        if file:
            file.touch()
    except OSError as error:
        raise CannotStartError(f"COMPLAINTS_READY_FILE: {file} cannot be made: {error.strerror}") from error
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)
