"""Fail a query that would make a workflow run ahead of its history.

A query may reach a worker without the workflow in memory, while the history ends in input without a workflow task.
Temporal's core (temporalio 1.35) then applies the input at the time of the task before. The next task completes with
that, but a replay applies the input at another time. Fail such an activation instead: the caller can retry the query,
and the next workflow task starts from the history.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance

from complaints.temporal.calls import QUERY_RETRY
from worker.sandbox.without_payload_context import WithoutPayloadContext


class QueryGuard(WithoutPayloadContext):
    """One workflow, activated only with input of a started workflow task."""

    def __init__(self, within: WorkflowInstance) -> None:
        super().__init__(within)
        self._length = 0
        self._task = (0, "")

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._runs_ahead(act):
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = QUERY_RETRY
            return completion
        self._length = act.history_length
        self._task = _task_of(act)
        return super().activate(act)

    def _runs_ahead(self, act: WorkflowActivation) -> bool:
        """Return whether the history has grown without a new workflow task.

        A workflow task would have another history size and time.
        """
        is_query_only = all(job.HasField("query_workflow") for job in act.jobs)
        return not is_query_only and act.history_length > self._length and _task_of(act) == self._task


def _task_of(act: WorkflowActivation) -> tuple[int, str]:
    """Return the history size and the time of the latest workflow task started."""
    return act.history_size_bytes, act.timestamp.ToJsonString()
