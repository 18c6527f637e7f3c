"""Keeps a query from making a complaint's workflow run ahead of Temporal.

A query may come to a worker that does not have the workflow in memory, with a history in which something has come for
which no workflow task was started yet. Temporal's core (temporalio 1.35) then lets the workflow take it at the time of
the task before; the task that follows is completed with that, and a replay takes it at another time. Here such an
activation fails instead: whoever asked may ask again, and the workflow task that follows begins from the history.

Nor is the sandbox asked of each payload what it belongs to, which it answers by code compiled anew: a seventh of a
worker's time. No part of our data converter reads it; one that does, such as a codec with a key for each complaint,
has to have it asked again.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.worker._command_aware_visitor import CommandInfo
from temporalio.workflow import Info

from complaints.temporal import ASKED_AMIDST

NOT_STORED_ELSEWHERE = StorageDriverStoreContext()
"""Payloads are Temporal's own."""


class InStep(WorkflowInstance):
    """One workflow, as the runner within runs it."""

    def __init__(self, within: WorkflowInstance) -> None:
        self._within = within
        self._length = 0
        self._told_by_task = (0, "")

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._runs_ahead(act):
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = ASKED_AMIDST
            return completion
        self._length = act.history_length
        self._told_by_task = _told_by_task(act)
        return self._within.activate(act)

    def _runs_ahead(self, act: WorkflowActivation) -> bool:
        """Whether there is more history, and no workflow task that would have told its size and its own time."""
        asks_only = all(job.HasField("query_workflow") for job in act.jobs)
        return not asks_only and act.history_length > self._length and _told_by_task(act) == self._told_by_task

    def get_serialization_context(self, command_info: CommandInfo | None) -> SerializationContext | None:  # noqa: ARG002
        return None

    def get_external_store_context(self, command_info: CommandInfo | None) -> StorageDriverStoreContext:  # noqa: ARG002
        return NOT_STORED_ELSEWHERE

    def get_info(self) -> Info:
        return self._within.get_info()

    def get_thread_id(self) -> int | None:
        return self._within.get_thread_id()


def _told_by_task(act: WorkflowActivation) -> tuple[int, str]:
    """The size of the history and the time of the latest workflow task that was started."""
    return act.history_size_bytes, act.timestamp.ToJsonString()
