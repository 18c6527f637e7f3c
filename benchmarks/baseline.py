"""Run the baseline: workflows with the product's timers and updates and nothing else.

No search attributes, no letters, no procedure: the cost that remains is Temporal's. Only the workflow of a storm
records anything, one row. The worker has a process of its own (`python -m benchmarks.baseline`), the product's
data converter, and no sandbox.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import make_engine
from complaints.runtime.clock import now
from complaints.settings import Settings
from complaints.temporal.client import connect
from worker.connections import MAX_CONCURRENT_RECORDINGS

TASK_QUEUE, ACT, HOW_MANY = "baseline", "act", "how_many"
ADDRESS, DATABASE_URL, READY_FILE = "TEMPORAL_ADDRESS", "COMPLAINTS_DATABASE_URL", "BASELINE_READY_FILE"
DUE_AFTER = timedelta(days=10)
RECORD, RECORDING_TIMEOUT = "record", timedelta(seconds=10)
INSERT = text("INSERT INTO benchmark.deadlines VALUES (:reference, :recorded_at) ON CONFLICT DO NOTHING")


class BaselineAct(BaseModel):
    id: str
    by: str


class BaselineAnswer(BaseModel):
    id: str
    code: str


@workflow.defn(name="Baseline")
class BaselineWorkflow:
    """A workflow with one timer at a time, which each act moves."""

    def __init__(self) -> None:
        self.taken = 0

    @workflow.run
    async def run(self, due: datetime | None = None) -> None:
        """Await acts. Where something is `due`, record first when it passes, by one row."""
        if due:
            await workflow.sleep(due - workflow.now())
            reference = workflow.info().workflow_id
            await workflow.execute_local_activity(RECORD, reference, start_to_close_timeout=RECORDING_TIMEOUT)
        while True:
            moved = partial(self._moved_since, self.taken)
            await workflow.wait_condition(moved, timeout=DUE_AFTER, timeout_summary="the next thing is due")

    def _moved_since(self, taken: int) -> bool:
        return self.taken > taken

    @workflow.query(name=HOW_MANY)
    def how_many(self) -> int:
        return self.taken

    @workflow.update(name=ACT)
    def act(self, act: BaselineAct) -> BaselineAnswer:
        self.taken += 1
        return BaselineAnswer(id=act.id, code="done")

    @act.validator
    def check(self, act: BaselineAct) -> None:
        if not act.by:
            raise ValueError("somebody must act")


async def create_table(owner_url: str, service_role: str) -> None:
    """Create the baseline's only table, as the owner of the database."""
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE SCHEMA benchmark"))
        await connection.execute(
            text("CREATE TABLE benchmark.deadlines (reference text PRIMARY KEY, recorded_at timestamptz NOT NULL)")
        )
        await connection.execute(text(f"GRANT USAGE ON SCHEMA benchmark TO {service_role}"))
        await connection.execute(text(f"GRANT SELECT, INSERT ON benchmark.deadlines TO {service_role}"))
    await engine.dispose()


class BaselineRecord:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name=RECORD)
    async def record(self, reference: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(INSERT, {"reference": reference, "recorded_at": now()})


async def work(address: str, database_url: str, ready: Callable[[], None]) -> None:
    """Run the worker until SIGTERM."""
    engine = make_engine(database_url, pool_size=MAX_CONCURRENT_RECORDINGS, command_timeout_seconds=10)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with (
        open_key_ring(Settings.read(os.environ)) as keys,
        Worker(
            await connect({ADDRESS: address}, keys),
            task_queue=TASK_QUEUE,
            workflows=[BaselineWorkflow],
            activities=[BaselineRecord(engine).record],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_local_activities=MAX_CONCURRENT_RECORDINGS,
        ),
    ):
        ready()
        await stopping.wait()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(work(os.environ[ADDRESS], os.environ[DATABASE_URL], Path(os.environ[READY_FILE]).touch))
