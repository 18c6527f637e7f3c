"""A database of their own: a worker with channels sends the messages of all tests in it."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.key_ring import StoredKeys
from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.servers.owner import upgrade_as_owner
from tests.fixtures.empty_record import execute_as_owner
from tests.fixtures.staff import import_staff
from worker.connections import MAX_CONCURRENT_RECORDINGS


@pytest_asyncio.fixture(scope="session")
async def record_url(stack: EphemeralStack) -> str:
    await execute_as_owner(stack.database_url, "CREATE DATABASE deliveries")
    return make_url(stack.database_url).set(database="deliveries").render_as_string(hide_password=False)


@pytest_asyncio.fixture(scope="session")
async def engine(record_url: str, keys: StoredKeys) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(upgrade_as_owner, record_url)
    await import_staff(record_url)
    engine = make_engine(record_url, keys=keys, pool_size=MAX_CONCURRENT_RECORDINGS)
    yield engine
    await engine.dispose()
