"""Run the intake service until SIGTERM or SIGINT, then let the requests under way finish."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.policies.loader import load_policy
from complaints.procedure.policy import PolicyError
from complaints.records.database import RecordError
from complaints.records.migrate import is_current, list_missing_grants
from complaints.records.systems import list_systems
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.health import postgresql_check, temporal_check
from complaints.runtime.http_server import serve_http
from complaints.runtime.service import (
    NOT_MIGRATED,
    StartupError,
    database_url_of,
    listening_socket,
    not_granted,
    open_engine,
    stop_event,
)
from complaints.settings import IntakeSettings
from complaints.temporal.client import TemporalUnreachableError, connect
from starter.api.auth.authorization import Authorizer
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import ApiKeyCache
from starter.api.auth.rate_limits import RateLimits
from starter.api.auth.refresh import put_on_record, refresh_periodically
from starter.api.health import HealthEndpoints
from starter.api.middleware import RequestMiddleware
from starter.api.routes import make_app
from starter.api.service import Intake

MAX_CONNECTIONS = 20
"""Connections to PostgreSQL; requests beyond that wait for one."""
SHUTDOWN_SECONDS = 15
"""Time that requests under way are given at the end."""

log = logging.getLogger("starter")


async def run(settings: IntakeSettings, environment: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartupError."""
    try:
        async with open_engine(database_url_of(settings), pool_size=MAX_CONNECTIONS) as engine:
            client = await connect(environment)
            if missing := await list_missing_grants(engine):
                raise StartupError(not_granted(missing))
            if not await is_current(engine):
                raise StartupError(NOT_MIGRATED)
            await serve(settings, client, engine, stop_event())
    except (TemporalUnreachableError, RecordError) as error:
        raise StartupError(str(error)) from error
    except PolicyError as error:
        raise StartupError(f"COMPLAINTS_POLICY: {error}") from error


async def serve(settings: IntakeSettings, client: Client, engine: AsyncEngine, stopping: asyncio.Event) -> None:
    """Serve until `stopping` is set. Raises StartupError, PolicyError."""
    key_cache, denied = ApiKeyCache(partial(list_systems, engine), now), DeniedRequests(now)
    await key_cache.refresh()
    limits = RateLimits(rate=settings.intake_rate, at_once=settings.intake_at_once)
    health = HealthEndpoints(temporal_check(client), postgresql_check(engine), key_cache)
    intake = Intake(client, engine, load_policy(settings.policy), settings.task_queue)
    app = make_app(intake, Authorizer(key_cache, limits, denied), limits, health)
    async with (
        serve_http(
            RequestMiddleware(app),
            listening_socket("COMPLAINTS_INTAKE", settings.intake),
            shutdown_seconds=SHUTDOWN_SECONDS,
        ),
        background_task(refresh_periodically(engine, key_cache, denied)),
    ):
        log.info("serving", extra={"address": str(settings.intake)})
        await stopping.wait()
        health.state = "draining"
        log.info("draining")
    await put_on_record(engine, key_cache, denied)
    log.info("stopped")
