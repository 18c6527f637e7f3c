"""Callers of the shared HTTP service."""

from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from tests.starter.api.service import Service


@pytest_asyncio.fixture(scope="session")
async def portal(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """Return an HTTP client with the key of a system that has every scope."""
    async with service.client() as caller:
        yield caller
