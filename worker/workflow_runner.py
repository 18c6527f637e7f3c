"""Run workflows without a sandbox, and fail a query that would run ahead of the history.

Import contracts and banned names keep clocks, chance and I/O out of workflows, and the recorded histories replay in
Temporal's default sandbox: see `docs/decisions/0021-workflows-run-without-a-sandbox.md`.

A query may reach a worker without the workflow in memory, while the history ends in input without a workflow task.
Temporal's core (temporalio 1.35) then applies the input at the time of the task before. The next task completes with
that, but a replay applies the input at another time. Fail such an activation instead: the caller can retry the query,
and the next workflow task starts from the history.
"""

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info

from complaints.temporal.calls import QUERY_RETRY


class GuardedWorkflowRunner(UnsandboxedWorkflowRunner):
    """The runner of workers and of replays."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return QueryGuard(super().create_instance(det))


class QueryGuard(WorkflowInstance):
    """One workflow, activated only with input of a started workflow task."""

    def __init__(self, within: WorkflowInstance) -> None:
        self._within = within
        self._length = 0
        self._task = (0, "")

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._runs_ahead(act):
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = QUERY_RETRY
            return completion
        self._length = act.history_length
        self._task = _task_of(act)
        return self._within.activate(act)

    def _runs_ahead(self, act: WorkflowActivation) -> bool:
        """Return whether the history has grown without a new workflow task.

        A workflow task would have another history size and time.
        """
        is_query_only = all(job.HasField("query_workflow") for job in act.jobs)
        return not is_query_only and act.history_length > self._length and _task_of(act) == self._task

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return self._within.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._within.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._within.get_info()

    def get_thread_id(self) -> int | None:
        return self._within.get_thread_id()


def _task_of(act: WorkflowActivation) -> tuple[int, str]:
    """Return the history size and the time of the latest workflow task started."""
    return act.history_size_bytes, act.timestamp.ToJsonString()
