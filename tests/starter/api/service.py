"""Run the intake service for the tests: over HTTP, on the real servers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter

from complaints.api_keys import ApiKey, Scope
from complaints.records import systems
from complaints.runtime.clock import now
from complaints.settings import IntakeSettings
from local.servers.sign_in import AUDIENCE, CLIENT_ID
from local.sign_in.issuer import Issuer
from local.sign_in.server import serve_sign_in
from local.supervisor.ports import LOOPBACK, free_port
from starter.run import serve

ALL = tuple(Scope)
STARTED_WITHIN = 60.0
"""Seconds."""


@dataclass(frozen=True)
class Service:
    """A running intake service, its client's key, and the issuer of staff's tokens."""

    url: str
    key: ApiKey
    issuer: Issuer

    def client(self, key: ApiKey | None = None) -> httpx2.AsyncClient:
        return self.with_token(str(key or self.key))

    def as_staff(self, staff: str) -> httpx2.AsyncClient:
        """Return a client of a member of staff who signed in."""
        return self.with_token(self.issuer.access_token(staff))

    def with_token(self, token: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


async def add_system(engine: AsyncEngine, name: str, scopes: Sequence[Scope] = ALL) -> ApiKey:
    key = ApiKey.new()
    await systems.add_system(engine, name, scopes, "test", now(), key)
    return key


@asynccontextmanager
async def serving(
    client: Client, engine: AsyncEngine, key: ApiKey, *, meter: MetricMeter = MetricMeter.noop, **settings: Any
) -> AsyncIterator[Service]:
    """Serve in this process during the `with` block; then the record has the service's counts."""
    address, stopping = f"{LOOPBACK}:{free_port()}", asyncio.Event()
    with serve_sign_in() as issuer:
        intake_settings = IntakeSettings.model_validate({"intake": address, **sign_in_settings(issuer), **settings})
        running = asyncio.create_task(serve(intake_settings, client, engine, stopping, meter))
        service = Service(f"http://{address}", key, issuer)
        try:
            await _ready(service, running)
            yield service
        finally:
            stopping.set()
            await running


def sign_in_settings(issuer: Issuer) -> dict[str, Any]:
    return {"local": True, "oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_client_id": CLIENT_ID}


async def _ready(service: Service, running: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(STARTED_WITHIN), service.client() as caller:
        while not running.done():
            try:
                if (await caller.get("/healthz")).status_code == 200:
                    return
            except httpx2.ConnectError:
                await asyncio.sleep(0.02)
        await running
