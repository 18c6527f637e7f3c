"""Fetch the chain of a complaint's runs from Temporal, and read what it accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import NamedTuple

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from complaints.procedure.state import Start
from complaints.temporal.client import decode_payloads
from worker.replay.accepted_acts import AcceptedAct, accepted_acts
from workflows.input import ComplaintInput


class AcceptedActs(NamedTuple):
    """What one chain of runs accepted, in order."""

    acts: Sequence[AcceptedAct]
    begins_after: int = 0
    """The last event on the record before the chain's first run."""
    has_ended: bool = False
    """Whether it ended without completing; then its last acts may not be on the record."""


@dataclass
class Chain:
    """Runs of a complaint, oldest first, each continued by the next one.

    A chain ends where the complaint's workflow is terminated, or lost with an older copy of Temporal's database.
    """

    runs: list[WorkflowHistory]
    given: ComplaintInput
    """The input of the first run."""
    accepted: list[AcceptedAct]
    recorded: int = 0
    """The last event on the record when the next chain began; 0: it has not ended."""
    is_replaced: bool = False
    """Whether it ended because an older copy of Temporal's database was restored."""

    @property
    def begins_after(self) -> int:
        if self.given.revival:
            return self.given.revival.recorded
        return self.given.resumed.sequence if self.given.resumed else 0

    @property
    def replaces(self) -> str | None:
        """The id of the run that was ended to start this chain from the record."""
        return self.given.revival.replaces if self.given.revival else None

    @property
    def acts(self) -> AcceptedActs:
        """What it accepted, first the acts that a revival carried over."""
        pending = self.given.revival.pending if self.given.revival else []
        carried_over = [
            AcceptedAct(each.name, each.act(), self.runs[0].events[0].event_time.ToDatetime(UTC)) for each in pending
        ]
        return AcceptedActs([*carried_over, *self.accepted], self.begins_after, has_ended=self.recorded > 0)

    @property
    def start(self) -> Start:
        assert self.given.start, "only the first chain begins with a form"
        return self.given.start


async def fetch_chain(client: Client, reference: str) -> Chain:
    """Fetch the histories of a complaint, from the first run of its last chain to its last run."""
    runs = [await client.get_workflow_handle(reference).fetch_history()]
    while before := _started(runs[0]).workflow_execution_started_event_attributes.continued_execution_run_id:
        runs.insert(0, await client.get_workflow_handle(reference, run_id=before).fetch_history())
    payloads = _started(runs[0]).workflow_execution_started_event_attributes.input.payloads
    [given] = await decode_payloads(client, reference, payloads, [ComplaintInput])
    return Chain(runs, given, await accepted_acts(client, runs))


def _started(run: WorkflowHistory) -> HistoryEvent:
    return run.events[0]
