"""Connect to Temporal and PostgreSQL; each failure is a one-line StartupError."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from complaints.encryption.data_keys import KeysUnreachableError
from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import RecordError
from complaints.runtime.service import StartupError, database_url_of, open_engine
from complaints.settings import Settings
from complaints.temporal.client import TemporalUnreachableError, connect

MAX_CONCURRENT_RECORDINGS = 20
"""Transitions recorded at a time, unless the settings say otherwise; the connection pool is as large."""


@asynccontextmanager
async def temporal_and_record(
    settings: Settings,
    environment: Mapping[str, str],
    runtime: Runtime | None = None,
    *,
    pool: str = "recordings",
    pool_size: int = MAX_CONCURRENT_RECORDINGS,
) -> AsyncIterator[tuple[Client, AsyncEngine]]:
    """Connect to both, with the data keys.

    `pool` names the pool of connections in the metrics. Raises StartupError, also for a failure inside the `with`
    block.
    """
    async with (
        open_key_ring(settings) as keys,
        open_engine(database_url_of(settings), keys=keys, pool=pool, pool_size=pool_size) as engine,
    ):
        with startup_errors():
            yield await connect(environment, keys, runtime=runtime), engine


@contextmanager
def startup_errors() -> Iterator[None]:
    """Translate the errors of the servers and of the key store to StartupError."""
    try:
        yield
    except (TemporalUnreachableError, KeysUnreachableError, RecordError, RPCError) as error:
        raise StartupError(str(error)) from error
