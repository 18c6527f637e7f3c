"""Open complaints on the shared worker's task queue."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from tests.workflows.complaint_driver import ComplaintOpener


@pytest.fixture
def opener(client: Client, engine: AsyncEngine, worker: Worker) -> ComplaintOpener:
    return ComplaintOpener(client, engine, worker.task_queue)
