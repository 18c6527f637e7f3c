"""A desk for every test."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from tests.workflows.complaint_driver import Desk


@pytest.fixture
def desk(client: Client, engine: AsyncEngine, worker: Worker) -> Desk:
    return Desk(client, engine, worker.task_queue)
