"""Run the codec server until SIGTERM or SIGINT."""

import asyncio
import logging
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import MetricMeter
from temporalio.envconfig import ClientConfigProfile

from codec.access import PayloadAccess
from codec.app import CodecContext, let_pages_read, make_app
from codec.reader import PayloadReader
from complaints.encryption.data_keys import KeyRing
from complaints.encryption.key_ring import open_key_ring
from complaints.policies.loader import load_policy
from complaints.procedure.policy import PolicyError
from complaints.records.database import RecordError
from complaints.records.migrate import list_missing_grants
from complaints.records.migrations.revisions import schema_problem
from complaints.runtime.clock import now
from complaints.runtime.draining import Drain
from complaints.runtime.health import postgresql_check
from complaints.runtime.http_server import serve_until
from complaints.runtime.service import (
    StartupError,
    database_url_of,
    listening_socket,
    not_granted,
    open_engine,
    stop_event,
)
from complaints.settings import CodecSettings
from complaints.temporal.client import DEFAULT_NAMESPACE
from starter.api.auth.callers import make_callers
from starter.api.auth.rate_limits import RateLimits
from starter.api.health import HealthEndpoints
from starter.api.metrics import RequestMetrics
from starter.api.middleware import RequestMiddleware
from starter.service.reading_log import ReadingLog

CONNECTIONS = 5
"""To the record; requests beyond that wait for one."""
REQUESTS_PER_SECOND = 500
"""Of one person: a page sends a request for each payload, so some hundreds at once."""
CONCURRENT_REQUESTS = 100
FINISH_SECONDS = 5
"""Time that requests under way are given at the end."""

log = logging.getLogger("codec")


async def run(settings: CodecSettings, environment: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartupError."""
    try:
        namespace = ClientConfigProfile.load(override_env_vars=environment).namespace or DEFAULT_NAMESPACE
        async with (
            open_engine(database_url_of(settings), pool="codec", pool_size=CONNECTIONS) as engine,
            open_key_ring(settings) as keys,
        ):
            if missing := await list_missing_grants(engine):
                raise StartupError(not_granted(missing))
            if problem := await schema_problem(engine):
                raise StartupError(problem)
            await serve(settings, engine, keys, namespace, stop_event())
    except (RecordError, RuntimeError, ValueError) as error:
        raise StartupError(str(error)) from error
    except PolicyError as error:
        raise StartupError(f"COMPLAINTS_POLICY: {error}") from error


async def serve(
    settings: CodecSettings, engine: AsyncEngine, keys: KeyRing, namespace: str, stopping: asyncio.Event
) -> None:
    """Serve until `stopping` is set. Raises StartupError, PolicyError."""
    metrics = RequestMetrics(MetricMeter.noop)
    limits = RateLimits(rate=REQUESTS_PER_SECOND, at_once=CONCURRENT_REQUESTS, metrics=metrics)
    callers = await make_callers(settings, engine, load_policy(settings.policy), limits)
    drain = Drain()
    health = HealthEndpoints({"postgresql": postgresql_check(engine)}, callers.keys, drain)
    readings = ReadingLog(now)
    reader = PayloadReader(keys, namespace, PayloadAccess(engine, readings))
    context = CodecContext(reader, namespace, callers.authorizer, is_local=settings.local)
    app = RequestMiddleware(make_app(context, health), metrics, drain)
    async with (
        callers.kept_current(),
        readings.kept_written(engine),
    ):
        await serve_until(
            stopping,
            drain,
            let_pages_read(app, settings.codec_origins),
            listening_socket("COMPLAINTS_CODEC", settings.codec),
            log=log,
            hosts=settings.hosts,
            origins=settings.codec_origins,
            drain_seconds=settings.drain_seconds,
            finish_seconds=FINISH_SECONDS,
        )
