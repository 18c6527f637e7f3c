"""A key store without keys for each test, and rings on it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from complaints.settings import Settings
from local.servers.owner import owner_url, upgrade_keys_as_owner
from local.servers.postgres import KEYS
from tests.fixtures.empty_record import server_url
from tests.fixtures.tcp_proxy import TcpProxy

__all__ = ["server_url"]


@pytest_asyncio.fixture(scope="session")
async def migrated_keys_url(server_url: str) -> str:
    """Create the tables; return the service role's URL."""
    url = make_url(server_url).set(username=KEYS, database=KEYS).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade_keys_as_owner, url)
    return url


@pytest.fixture
async def keys_url(migrated_keys_url: str) -> str:
    """Empty the tables."""
    connection = await asyncpg.connect(owner_url(migrated_keys_url).replace("+asyncpg", ""))
    await connection.execute("TRUNCATE data_keys, destroyed_keys")
    await connection.close()
    return migrated_keys_url


@pytest.fixture
def settings(keys_url: str, tmp_path: Path) -> Settings:
    """Return the settings of a ring, with a key-encryption key of its own."""
    return Settings(keys_url=keys_url, key_encryption_keys=(write_key(tmp_path / "key"),))


@pytest.fixture
async def tcp_proxy(keys_url: str) -> AsyncIterator[TcpProxy]:
    """Start a proxy between a ring and the store."""
    async with TcpProxy.to(keys_url) as tcp_proxy:
        yield tcp_proxy


def write_key(file: Path) -> str:
    """Make a key-encryption key; return its name."""
    file.touch(mode=0o600)
    file.write_text(os.urandom(32).hex())
    return f"file:{file}"
