"""Run workflows without a sandbox, and guard them from early queries and from strangers.

Import contracts and banned names keep clocks, chance and I/O out of workflows, and the recorded histories replay in
Temporal's default sandbox: see `docs/decisions/0021-workflows-run-without-a-sandbox.md`.

A query may reach a worker without the workflow in memory, while the history ends in input without a workflow task.
Temporal's core (temporalio 1.35) then applies the input at the time of the task before. The next task completes with
that, but a replay applies the input at another time. Fail such an activation instead: the caller can retry the query,
and the next workflow task starts from the history.

What the codec found to be foreign (`complaints.encryption.foreign`) is a fact of the history, so each replay agrees:
the result of an activity becomes a failure, after which the workflow executes the activity again. The start of a
complaint fails its workflow task, in words that need no key.
"""

import json
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import ActivitySerializationContext, SerializationContext, StorageDriverStoreContext
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info

from complaints.encryption.codec import ActivityResultContext
from complaints.encryption.foreign import ENCODING, FOREIGN_FAILURE, JSON_PLAIN, is_foreign
from complaints.temporal.calls import QUERY_RETRY
from workflows import names

FOREIGN_START = "no service opened this complaint: its input is not encrypted with a key that the key store has for it"
"""Of the workflow task, which is tried again until somebody terminates the workflow."""


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
        if any(map(_is_foreign_start, act.jobs)):
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = FOREIGN_START
            return completion
        for job in act.jobs:
            _fail_foreign_result(job)
            _take_query_arguments(job)
            _drop_unreadable_headers(job)
        return self._within.activate(act)

    def _runs_ahead(self, act: WorkflowActivation) -> bool:
        """Return whether the history has grown without a new workflow task.

        A workflow task would have another history size and time.
        """
        is_query_only = all(job.HasField("query_workflow") for job in act.jobs)
        return not is_query_only and act.history_length > self._length and _task_of(act) == self._task

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        context = self._within.get_serialization_context(command_info)
        if isinstance(context, ActivitySerializationContext):
            by_default = str(command_info.command_seq)
            return ActivityResultContext(**{**vars(context), "activity_id": context.activity_id or by_default})
        return context

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._within.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._within.get_info()

    def get_thread_id(self) -> int | None:
        return self._within.get_thread_id()


def _is_foreign_start(job: WorkflowActivationJob) -> bool:
    """Return whether a stranger has started a complaint.

    Other workflows fail with `not_asked_for`.
    """
    start = job.initialize_workflow
    return start.workflow_type == names.WORKFLOW and any(map(is_foreign, start.arguments))


def _fail_foreign_result(job: WorkflowActivationJob) -> None:
    """Turn an activity's result that a stranger made into a failure. Each of ours has a payload."""
    result = job.resolve_activity.result
    if not result.HasField("completed"):
        return
    if not result.completed.HasField("result") or is_foreign(result.completed.result):
        failure = result.failed.failure
        failure.activity_failure_info.SetInParent()
        failure.cause.application_failure_info.type = FOREIGN_FAILURE


def _take_query_arguments(job: WorkflowActivationJob) -> None:
    """Let a query take what the codec server encrypted. For everything else it is foreign."""
    for argument in job.query_workflow.arguments:
        if is_foreign(argument) and argument.data:
            argument.CopyFrom(Payload.FromString(argument.data))


def _drop_unreadable_headers(job: WorkflowActivationJob) -> None:
    """Drop headers that are no trace. They are not encrypted, and tracing raises for any other."""
    for message in (job.initialize_workflow, job.signal_workflow, job.do_update, job.query_workflow):
        for name, header in list(message.headers.items()):
            if not _is_trace(header):
                del message.headers[name]


def _is_trace(header: Payload) -> bool:
    try:
        carrier = json.loads(header.data)
    except ValueError:
        return False
    is_json = header.metadata.get(ENCODING) == JSON_PLAIN
    return is_json and isinstance(carrier, dict) and all(isinstance(value, str) for value in carrier.values())


def _task_of(act: WorkflowActivation) -> tuple[int, str]:
    """Return the history size and the time of the latest workflow task started."""
    return act.history_size_bytes, act.timestamp.ToJsonString()
