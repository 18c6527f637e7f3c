"""The environment of a worker; each test adds its own settings."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.key_ring import StoredKeys
from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.servers.owner import upgrade_as_owner
from tests.fixtures.empty_record import execute_as_owner


@pytest.fixture
def environment(stack: EphemeralStack) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        **stack.key_settings,
        "COMPLAINTS_TASK_QUEUE": "of-its-own",
    }


@pytest_asyncio.fixture(scope="session")
async def migrated(stack: EphemeralStack) -> str:
    """Create a migrated database that nothing uses, so that it can be copied; return its name."""
    await execute_as_owner(stack.database_url, "CREATE DATABASE migrated")
    await asyncio.to_thread(upgrade_as_owner, url_of(stack, "migrated"))
    return "migrated"


@pytest.fixture
async def restored(stack: EphemeralStack, keys: StoredKeys, migrated: str) -> AsyncIterator[AsyncEngine]:
    """Connect to an empty, migrated database of the test's own."""
    name = f"restored_{uuid4().hex}"
    await execute_as_owner(stack.database_url, f"CREATE DATABASE {name} TEMPLATE {migrated}")
    engine = make_engine(url_of(stack, name), keys=keys)
    yield engine
    await engine.dispose()


def url_of(stack: EphemeralStack, database: str) -> str:
    return make_url(stack.database_url).set(database=database).render_as_string(hide_password=False)
