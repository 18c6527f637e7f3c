"""A real stack for the tests of a process: Temporal with virtual time, a migrated PostgreSQL, and a worker in it.

Everything is made when first asked for, and shared: give each test complaints with references of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from complaints.records.database import make_engine
from complaints.records.migrate import upgrade
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, ephemeral_stack
from tests.people import enter_people
from worker.composition import RECORDS_AT_ONCE, make_worker

FORGOTTEN_WITHIN = 10.0
"""Seconds."""


@pytest.fixture(scope="session")
def stack() -> Iterator[EphemeralStack]:
    """Both servers; the database has the project's tables, and the tests' people. No worker yet: see `worker`."""
    with ephemeral_stack() as stack:
        upgrade(stack.database_url)
        asyncio.run(enter_people(stack.database_url))
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
    async with make_worker(client, engine, Settings().task_queue) as worker:
        yield worker


async def forget(client: Client, reference: str) -> None:
    """Let Temporal forget a complaint, as it does at the end of its retention; not one that ended in virtual time."""
    handle = client.get_workflow_handle(reference)
    execution = WorkflowExecution(workflow_id=reference)
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    )
    async with asyncio.timeout(FORGOTTEN_WITHIN):
        while True:
            if not await _is_known(handle):
                return
            await asyncio.sleep(0.05)


async def _is_known(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
