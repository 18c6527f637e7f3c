"""Run the baseline: a workflow with the product's timers and updates and nothing else.

No record, no search attributes, no procedure: the cost that remains is Temporal's. Its worker has a process
of its own (`python -m benchmarks.baseline`), the same data converter and the same sandbox as the product's.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import BaseModel
from temporalio import workflow
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from complaints.temporal.client import connect
from worker.sandbox.runner import sandbox

TASK_QUEUE, ACT, HOW_MANY = "baseline", "act", "how_many"
ADDRESS, READY_FILE = "TEMPORAL_ADDRESS", "BASELINE_READY_FILE"
DUE_AFTER = timedelta(days=10)


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
    async def run(self) -> None:
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


async def work(address: str, ready: Callable[[], None]) -> None:
    """Run the worker until SIGTERM."""
    client = await connect({ADDRESS: address})
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    runner = SandboxedWorkflowRunner(sandbox().restrictions.with_passthrough_modules("benchmarks"))
    async with Worker(client, task_queue=TASK_QUEUE, workflows=[BaselineWorkflow], workflow_runner=runner):
        ready()
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(work(os.environ[ADDRESS], Path(os.environ[READY_FILE]).touch))
