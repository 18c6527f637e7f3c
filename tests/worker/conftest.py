"""The environment of a worker; each test adds its own settings."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.servers.owner import upgrade_as_owner
from tests.fixtures.empty_record import execute_as_owner


@pytest.fixture
def environment(stack: EphemeralStack) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        "COMPLAINTS_TASK_QUEUE": "of-its-own",
    }


@pytest.fixture
async def restored(stack: EphemeralStack) -> AsyncIterator[AsyncEngine]:
    """Return the URL of an empty, migrated database."""
    name = f"restored_{uuid4().hex}"
    await execute_as_owner(stack.database_url, f"CREATE DATABASE {name}")
    url = make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade_as_owner, url)
    engine = make_engine(url)
    yield engine
    await engine.dispose()
