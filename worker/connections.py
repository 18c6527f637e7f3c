"""Reaching Temporal and the record, or saying in one line why not."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from complaints.records.database import RecordError, make_engine
from complaints.settings import Settings
from complaints.temporal.client import TemporalUnreachableError, connect

MAX_CONCURRENT_RECORDINGS = 20
"""How many transitions are recorded at a time; the database's pool holds as many connections."""


class CannotStartError(Exception):
    """What is missing or out of reach; a line for each thing."""


@asynccontextmanager
async def temporal_and_record(
    environment: Mapping[str, str], runtime: Runtime | None = None
) -> AsyncIterator[tuple[Client, AsyncEngine]]:
    """Raises CannotStartError, also for what stops answering within."""
    url = Settings.read(environment).database_url
    if url is None:
        raise CannotStartError("COMPLAINTS_DATABASE_URL is not set")
    try:
        engine = make_engine(url, pool_size=MAX_CONCURRENT_RECORDINGS)
    except RecordError as error:
        raise CannotStartError(f"COMPLAINTS_DATABASE_URL: {error}") from error
    try:
        with startup_errors():
            yield await connect(environment, runtime=runtime), engine
    finally:
        await engine.dispose()


@contextmanager
def startup_errors() -> Iterator[None]:
    """Raises CannotStartError for what either server says."""
    try:
        yield
    except (TemporalUnreachableError, RecordError, RPCError) as error:
        raise CannotStartError(str(error)) from error
