"""Run the intake service until SIGTERM or SIGINT, then let the requests under way finish."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter

from complaints.encryption.key_ring import BLANK_KEYS, open_key_ring
from complaints.metrics.endpoint import open_runtime
from complaints.metrics.process import ProcessMetrics
from complaints.metrics.temporal_state import PollerMetrics, refresh_periodically
from complaints.policies.loader import load_policy
from complaints.procedure.policy import PolicyError
from complaints.records.database import RecordError
from complaints.records.migrate import list_missing_grants
from complaints.records.migrations.revisions import schema_problem
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.draining import Drain
from complaints.runtime.health import postgresql_check, temporal_check
from complaints.runtime.http_server import serve_until
from complaints.runtime.service import (
    StartupError,
    database_url_of,
    listening_socket,
    not_granted,
    open_engine,
    stop_event,
)
from complaints.settings import IntakeSettings
from complaints.temporal.client import TemporalUnreachableError, connect
from starter.api.app import make_app
from starter.api.auth.callers import make_callers
from starter.api.auth.rate_limits import RateLimits
from starter.api.context import ApiContext
from starter.api.health import HealthEndpoints
from starter.api.metrics import RequestMetrics
from starter.api.middleware import RequestMiddleware
from starter.client.record_lookup import RecordLookup
from starter.service.access import RECORD_RETRY_SECONDS, Access
from starter.service.reading_log import ReadingLog

REPORT_CONNECTIONS = 3
"""Reports and exports at the same time."""
FINISH_SECONDS = 15
"""Time that requests under way are given at the end."""

log = logging.getLogger("starter")


async def run(settings: IntakeSettings, environment: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartupError."""
    runtime = open_runtime("COMPLAINTS_INTAKE_METRICS", settings.intake_metrics)
    try:
        url = database_url_of(settings)
        async with (
            open_key_ring(settings, blank_keys=BLANK_KEYS) as keys,
            open_engine(url, keys=keys, pool="intake", pool_size=settings.intake_connections) as engine,
            open_engine(
                url, keys=keys, pool="reports", pool_size=REPORT_CONNECTIONS, command_timeout_seconds=None
            ) as report_engine,
        ):
            client = await connect(environment, keys, runtime=runtime)
            if missing := await list_missing_grants(engine):
                raise StartupError(not_granted(missing))
            if problem := await schema_problem(engine):
                raise StartupError(problem)
            async with _measure(settings, client, runtime.metric_meter):
                await serve(settings, client, engine, stop_event(), runtime.metric_meter, report_engine=report_engine)
    except (TemporalUnreachableError, RecordError) as error:
        raise StartupError(str(error)) from error
    except PolicyError as error:
        raise StartupError(f"COMPLAINTS_POLICY: {error}") from error


@asynccontextmanager
async def _measure(settings: IntakeSettings, client: Client, meter: MetricMeter) -> AsyncIterator[None]:
    """Measure the process and the workers' polls, where COMPLAINTS_INTAKE_METRICS is set.

    So somebody notices also when no worker runs.
    """
    if settings.intake_metrics is None:
        yield
        return
    async with (
        background_task(ProcessMetrics(meter).refresh_periodically()),
        background_task(refresh_periodically([PollerMetrics(meter, client, [settings.task_queue]).refresh])),
    ):
        yield


async def serve(
    settings: IntakeSettings,
    client: Client,
    engine: AsyncEngine,
    stopping: asyncio.Event,
    meter: MetricMeter,
    *,
    report_engine: AsyncEngine | None = None,
) -> None:
    """Serve until `stopping` is set. Raises StartupError, PolicyError.

    `report_engine`: for reports and exports; None: `engine`.
    """
    metrics = RequestMetrics(meter)
    limits = RateLimits(rate=settings.intake_rate, at_once=settings.intake_at_once, metrics=metrics)
    policy = load_policy(settings.policy)
    callers = await make_callers(settings, engine, policy, limits)
    servers = {"temporal": temporal_check(client), "postgresql": postgresql_check(engine)}
    drain = Drain()
    health = HealthEndpoints(servers, callers.keys, drain)
    readings = ReadingLog(now)
    access = Access(client, engine, readings, lambda: callers.keys.system_names)
    reports = report_engine or engine
    record = RecordLookup(engine, retry_seconds=RECORD_RETRY_SECONDS)
    context = ApiContext(
        client, engine, reports, policy, settings, callers.authorizer, limits, access, record, stopping
    )
    app = make_app(context, health)
    async with (
        callers.kept_current(),
        readings.kept_written(engine),
    ):
        await serve_until(
            stopping,
            drain,
            RequestMiddleware(app, metrics, drain),
            listening_socket("COMPLAINTS_INTAKE", settings.intake),
            log=log,
            hosts=settings.hosts,
            drain_seconds=settings.drain_seconds,
            finish_seconds=FINISH_SECONDS,
        )
