"""Replay histories against this code, before it is deployed: `python -m worker verify`.

A history that replays with other commands would leave its workflow stuck.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig

from activities.task_queues import delivery_queue, operations_queue
from worker.composition import WORKFLOWS
from worker.replay.fetch_histories import (
    fetch_newest_runs,
    has_started,
    is_open,
    list_other_workflows,
    list_references,
    replay_failure,
    task_queue_of,
    workflow_type_of,
)
from worker.replay.history_files import RecordedHistory, read_history
from worker.replay.replayer import make_replayer
from worker.replay.task_failures import task_failure
from workflows.complaint import ComplaintWorkflow

HISTORIES = Path(__file__).parent / "histories"
"""Folder of the recorded histories, which are part of the package and of the image."""

Report = Callable[[str], None]


class Verified(NamedTuple):
    """Numbers of histories."""

    replayed: Counter[str]
    """By workflow type."""
    broken: int
    complaints: int = 0
    """Open complaints that were looked for."""


async def verify_recorded(files: Iterable[Path], report: Report, workflow: type = ComplaintWorkflow) -> Verified:
    """Replay recorded histories; pass a line to `report` for each that would break.

    Raises HistoryFileError.
    """

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            yield read_history(file)

    return await _verify(None, histories(), report, workflow)


async def verify_open(
    client: Client, engine: AsyncEngine, task_queue: str, report: Report, workflow: type = ComplaintWorkflow
) -> Verified:
    """Replay the newest run of every workflow of the task queues that is open in Temporal.

    One whose workflow task fails is named, too, and counts as broken. `workflow` replays complaints.
    Raises RPCError, RecordUnreachableError and RecordError.
    """
    queues = (task_queue, delivery_queue(task_queue), operations_queue(task_queue))
    failing = set[str]()
    listed = 0

    async def histories() -> AsyncIterator[WorkflowHistory]:
        async for history in fetch_newest_runs(client, workflow_ids()):
            if task_queue_of(history) not in queues:
                continue
            if why := await task_failure(client, history):
                failing.add(history.workflow_id)
                report(f"{history.workflow_id}: {why}")
            if is_open(history) and has_started(history):
                yield history

    async def workflow_ids() -> AsyncIterator[str]:
        nonlocal listed
        async for reference in list_references(client, engine, task_queue, open_only=True):
            listed += 1
            yield reference
        async for workflow_id in list_other_workflows(client, queues):
            yield workflow_id

    verified = await _verify(client, histories(), report, workflow, failing)
    return verified._replace(complaints=listed)


async def _verify(
    client: Client | None,
    histories: AsyncIterator[WorkflowHistory],
    report: Report,
    workflow: type,
    failing: Collection[str] = (),
) -> Verified:
    """Replay histories that `client` fetches, or recorded ones.

    `failing` holds the workflows whose task fails; `histories` may add to it.
    """
    replayed, broken = Counter[str](), set[str]()
    others = (each for each in WORKFLOWS if each is not ComplaintWorkflow)
    quiet = Runtime(telemetry=TelemetryConfig(logging=None))  # failures are reported once, below
    replayer = make_replayer(workflow, *others, client=client, runtime=quiet)
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            replayed[workflow_type_of(result.history)] += 1
            if why := replay_failure(result):
                broken.add(_name_of(result.history))
                report(f"{_name_of(result.history)} would break: {why}")
    return Verified(replayed, len(broken | set(failing)))


def _name_of(history: WorkflowHistory) -> str:
    return history.name if isinstance(history, RecordedHistory) else history.workflow_id
