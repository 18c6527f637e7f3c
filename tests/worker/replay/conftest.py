"""Fixtures: a Temporal server all of whose complaints are compared, and a worker.

The restored record is another database, so that it really lacks what it lacks.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.temporal.client import connect
from local.ephemeral_stack import ephemeral_temporal
from tests.fixtures.staff import import_staff
from tests.worker.replay.comparison import TASK_QUEUE
from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker

SUGGEST_CONTINUE_EARLY = {"limit.historyCount.suggestContinueAsNew": "60"}


@pytest.fixture(scope="module")
def temporal() -> Iterator[str]:
    """Return the address of a Temporal server of this module's own."""
    with ephemeral_temporal(SUGGEST_CONTINUE_EARLY) as address:
        yield address


@pytest.fixture
async def opener(temporal: str, engine: AsyncEngine, keys: KeyRing) -> AsyncIterator[ComplaintOpener]:
    client = await connect({"TEMPORAL_ADDRESS": temporal}, keys)
    async with make_worker(client, engine, TASK_QUEUE):
        yield ComplaintOpener(client, engine, TASK_QUEUE)


@pytest.fixture
async def alone(temporal: str, restored: AsyncEngine, keys: KeyRing) -> AsyncIterator[ComplaintOpener]:
    """Open complaints that are the only ones of their record, and of their task queue."""
    await import_staff(restored.url.render_as_string(hide_password=False))
    client = await connect({"TEMPORAL_ADDRESS": temporal}, keys)
    task_queue = f"of {restored.url.database}"
    async with make_worker(client, restored, task_queue):
        yield ComplaintOpener(client, restored, task_queue)
