"""A real stack for the tests of a process: Temporal with virtual time, a migrated PostgreSQL, and a worker in it.

Everything is made when first asked for, and shared: give each test complaints with references of its own.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.records.engine import make_engine
from complaints.records.migrate import upgrade
from complaints.temporal import connect
from local.ephemeral import EphemeralStack, ephemeral_stack
from worker.composition import RECORDS_AT_ONCE, make_worker
from workflows.names import TASK_QUEUE


@pytest.fixture(scope="session")
def stack() -> Iterator[EphemeralStack]:
    """Both servers; the database has the project's tables. No worker yet: see `worker`."""
    with ephemeral_stack() as stack:
        upgrade(stack.database_url)
        yield stack


@pytest_asyncio.fixture(scope="session")
async def engine(stack: EphemeralStack) -> AsyncIterator[AsyncEngine]:
    """To the record."""
    engine = make_engine(stack.database_url, pool_size=RECORDS_AT_ONCE)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture(scope="session")
async def client(stack: EphemeralStack) -> Client:
    """To Temporal; `complaints.virtual_time` can move the clock of what it starts."""
    return await connect({"TEMPORAL_ADDRESS": stack.temporal_address})


@pytest_asyncio.fixture(scope="session")
async def worker(client: Client, engine: AsyncEngine) -> AsyncIterator[Worker]:
    """Does the work of the product's task queue, in this process."""
    async with make_worker(client, engine, TASK_QUEUE) as worker:
        yield worker
