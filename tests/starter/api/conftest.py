"""One intake service, shared by the tests that need no settings of their own."""

from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from tests.starter.api.service import Service, add_system, serving


@pytest_asyncio.fixture(scope="session")
async def service(client: Client, engine: AsyncEngine, worker: Worker) -> AsyncIterator[Service]:
    key = await add_system(engine, "portal")
    async with serving(client, engine, key, intake_rate=1_000) as service:
        yield service


@pytest_asyncio.fixture(scope="session")
async def portal(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """Return an HTTP client with the key of a system that has every scope."""
    async with service.client() as caller:
        yield caller
