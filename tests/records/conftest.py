"""A PostgreSQL for all of the record's tests, and an empty record in it for each."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import make_engine
from complaints.records.migrate import upgrade
from complaints.records.tables import metadata
from local.ephemeral_stack import ephemeral_postgres
from tests.records.tcp_proxy import Line

EMPTY = f"SET LOCAL session_replication_role = replica; TRUNCATE {', '.join(metadata.tables)}"
"""A superuser's way past the trigger that keeps events; a new database for each test would take ten times as long."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A server; the address of its first database, which stays empty."""
    with ephemeral_postgres() as url:
        yield url


async def _run(url: str, command: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(command)  # several commands in one are one transaction
    await connection.close()


@pytest.fixture
async def empty_url(server: str) -> str:
    """A new database without tables."""
    name = f"test_{uuid4().hex}"
    await _run(server, f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
async def migrated(server: str) -> str:
    """A database with the record's tables."""
    await _run(server, "CREATE DATABASE migrated")
    url = make_url(server).set(database="migrated").render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, url)
    return url


@pytest.fixture
async def url(migrated: str) -> str:
    """A database with the record's tables, and nothing in them."""
    await _run(migrated, EMPTY)
    return migrated


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url, pool_size=10)
    yield engine
    await engine.dispose()


@pytest.fixture
async def line(url: str) -> AsyncIterator[Line]:
    """The network between the test and its database."""
    async with Line.to(url) as line:
        yield line
