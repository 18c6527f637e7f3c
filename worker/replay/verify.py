"""Replay histories against this code, before it is deployed: `python -m worker verify`.

A history that replays with other commands would leave its complaint stuck.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer

from complaints.temporal.client import DATA_CONVERTER
from worker.replay.fetch_histories import (
    fetch_newest_runs,
    has_started,
    is_open,
    list_references,
    replay_failure,
    task_queue_of,
)
from worker.replay.history_files import read_history
from worker.replay.task_failures import task_failure
from worker.sandbox.runner import sandbox
from workflows.complaint import ComplaintWorkflow

HISTORIES = Path(__file__).parents[2] / "tests" / "histories"
"""Folder of the recorded histories."""

Report = Callable[[str], None]


class Verified(NamedTuple):
    """Numbers of histories."""

    replayed: int
    broken: int


async def verify_recorded(files: Iterable[Path], report: Report, workflow: type = ComplaintWorkflow) -> Verified:
    """Replay recorded histories; pass a line to `report` for each that would break.

    Raises HistoryFileError.
    """

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            yield read_history(file)

    return await _verify(histories(), report, workflow)


async def verify_open(
    client: Client, engine: AsyncEngine, task_queue: str, report: Report, workflow: type = ComplaintWorkflow
) -> Verified:
    """Replay the newest run of every complaint of the task queue that is open in Temporal.

    A complaint whose workflow task fails is named, too, and counts as broken.
    Raises RPCError, RecordUnreachableError and RecordError.
    """

    async def histories() -> AsyncIterator[WorkflowHistory]:
        async for history in fetch_newest_runs(client, list_references(client, engine, task_queue, open_only=True)):
            if task_queue_of(history) != task_queue:
                continue
            if why := await task_failure(history):
                failing.add(history.workflow_id)
                report(f"{history.workflow_id}: {why}")
            if is_open(history) and has_started(history):
                yield history

    failing: set[str] = set()
    return await _verify(histories(), report, workflow, failing)


async def _verify(
    histories: AsyncIterator[WorkflowHistory], report: Report, workflow: type, failing: Collection[str] = ()
) -> Verified:
    """Replay histories.

    `failing` holds the complaints whose task fails; `histories` may add to it.
    """
    replayed, broken = 0, set[str]()
    quiet = Runtime(telemetry=TelemetryConfig(logging=None))  # failures are reported once, below
    replayer = Replayer(workflows=[workflow], workflow_runner=sandbox(), data_converter=DATA_CONVERTER, runtime=quiet)
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            replayed += 1
            if why := replay_failure(result):
                broken.add(result.history.workflow_id)
                report(f"{result.history.workflow_id} would break: {why}")
    return Verified(replayed, len(broken | set(failing)))
