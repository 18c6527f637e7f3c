"""`python -m worker verify`: whether the code at hand can go on with what is open, before it is deployed.

Each history is replayed. One that gives other commands than it gave when it was lived would wedge its complaint.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from temporalio.client import Client, WorkflowHistory
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer

from complaints.temporal.client import DATA_CONVERTER
from worker.replay.fetch_histories import histories_of, why_it_breaks
from worker.replay.history_files import read_history
from worker.sandbox.runner import sandbox
from workflows import names
from workflows.complaint import ComplaintWorkflow

HISTORIES = Path(__file__).parents[2] / "tests" / "histories"
"""Of recorded histories."""
OPEN = f'WorkflowType = "{names.WORKFLOW}" AND ExecutionStatus = "Running"'

Tell = Callable[[str], None]


class Verified(NamedTuple):
    """How many histories."""

    replayed: int
    broken: int


async def verify_recorded(files: Iterable[Path], tell: Tell, workflow: type = ComplaintWorkflow) -> Verified:
    """Recorded histories. `tell` is told in a line of each that would break, and why.

    Raises RecordedError for a file that holds no history.
    """

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            yield read_history(file)

    return await _verify(histories(), tell, workflow)


async def verify_open(client: Client, tell: Tell, workflow: type = ComplaintWorkflow) -> Verified:
    """The same for the complaints that are open in Temporal. Raises RPCError."""
    return await _verify(histories_of(client, OPEN), tell, workflow)


async def _verify(histories: AsyncIterator[WorkflowHistory], tell: Tell, workflow: type) -> Verified:
    replayed = broken = 0
    quiet = Runtime(telemetry=TelemetryConfig(logging=None))  # what would break is told once, by us
    replayer = Replayer(workflows=[workflow], workflow_runner=sandbox(), data_converter=DATA_CONVERTER, runtime=quiet)
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            replayed += 1
            if why := why_it_breaks(result):
                broken += 1
                tell(f"{result.history.workflow_id} would break: {why}")
    return Verified(replayed, broken)
