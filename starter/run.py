"""`python -m starter`: serves intake systems until it is told to stop, then ends what is under way."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from socket import socket

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.policies.loader import load_policy
from complaints.procedure.policy import PolicyError
from complaints.records.database import RecordError, make_engine
from complaints.records.migrate import is_current
from complaints.records.systems import all_systems
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.health import postgresql, temporal
from complaints.runtime.http_server import listen, serving
from complaints.settings import Address, IntakeSettings
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

CONNECTIONS = 20
"""To the record: more requests than that wait for each other."""
ENDS_WITHIN = 15
"""Seconds for what is under way at the end."""

NOT_MIGRATED = "the database is not at this version's migration: python -m complaints.records.migrate"

log = logging.getLogger("starter")


class CannotStartError(Exception):
    """What is missing or out of reach."""


async def run(settings: IntakeSettings, environment: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStartError."""
    if settings.database_url is None:
        raise CannotStartError("COMPLAINTS_DATABASE_URL is not set")
    try:
        async with _record(settings.database_url) as engine:
            client = await connect(environment)
            if not await is_current(engine):
                raise CannotStartError(NOT_MIGRATED)
            await serve(settings, client, engine, _told_to_stop())
    except (TemporalUnreachableError, RecordError, PolicyError) as error:
        raise CannotStartError(str(error)) from error


@asynccontextmanager
async def _record(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url, pool_size=CONNECTIONS)
    try:
        yield engine
    finally:
        await engine.dispose()


async def serve(settings: IntakeSettings, client: Client, engine: AsyncEngine, stopping: asyncio.Event) -> None:
    """Raises CannotStartError, PolicyError."""
    keyring, refusals = ApiKeyCache(partial(all_systems, engine), now), DeniedRequests(now)
    await keyring.refresh()
    limits = RateLimits(rate=settings.intake_rate, at_once=settings.intake_at_once)
    ready = HealthEndpoints(temporal(client), postgresql(engine), keyring)
    intake = Intake(client, engine, load_policy(settings.policy), settings.task_queue)
    app = make_app(intake, Authorizer(keyring, limits, refusals), limits, ready)
    async with (
        serving(RequestMiddleware(app), _listen(settings.intake), ends_within=ENDS_WITHIN),
        background_task(refresh_periodically(engine, keyring, refusals)),
    ):
        log.info("serving", extra={"address": str(settings.intake)})
        await stopping.wait()
        ready.state = "draining"
        log.info("draining")
    await put_on_record(engine, keyring, refusals)
    log.info("stopped")


def _listen(address: Address) -> socket:
    try:
        return listen(address)
    except OSError as error:
        raise CannotStartError(f"COMPLAINTS_INTAKE: {address} cannot be listened on: {error.strerror}") from error


def _told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
