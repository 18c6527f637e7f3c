"""Keeps a query from making a complaint's workflow run ahead of Temporal.

A query may come to a worker that does not have the workflow in memory, with a history in which something has come for
which no workflow task was started yet. Temporal's core (temporalio 1.35) then lets the workflow take it at the time of
the task before; the task that follows is completed with that, and a replay takes it at another time. Here such an
activation fails instead: whoever asked may ask again, and the workflow task that follows begins from the history.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance

from complaints.temporal.calls import QUERY_RETRY
from worker.sandbox.without_payload_context import WithoutPayloadContext


class QueryGuard(WithoutPayloadContext):
    """One workflow, told only what a workflow task has begun for."""

    def __init__(self, within: WorkflowInstance) -> None:
        super().__init__(within)
        self._length = 0
        self._told_by_task = (0, "")

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._runs_ahead(act):
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = QUERY_RETRY
            return completion
        self._length = act.history_length
        self._told_by_task = _told_by_task(act)
        return super().activate(act)

    def _runs_ahead(self, act: WorkflowActivation) -> bool:
        """Whether there is more history, and no workflow task that would have told its size and its own time."""
        asks_only = all(job.HasField("query_workflow") for job in act.jobs)
        return not asks_only and act.history_length > self._length and _told_by_task(act) == self._told_by_task


def _told_by_task(act: WorkflowActivation) -> tuple[int, str]:
    """The size of the history and the time of the latest workflow task that was started."""
    return act.history_size_bytes, act.timestamp.ToJsonString()
