"""Runs a workflow without asking its sandbox, of each payload, what that belongs to.

The sandbox answers by code that is compiled anew each time, which took a seventh of a worker's time, and no part of our
data converter reads the answer. One that does, such as a codec with a key for each complaint, has to have it asked.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.worker._command_aware_visitor import CommandInfo
from temporalio.workflow import Info

NOT_STORED_ELSEWHERE = StorageDriverStoreContext()
"""Payloads are Temporal's own."""


class WithoutPayloadContext(WorkflowInstance):
    """One workflow, as the runner within runs it."""

    def __init__(self, within: WorkflowInstance) -> None:
        self._within = within

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._within.activate(act)

    def get_serialization_context(
        self,
        command_info: CommandInfo | None,  # noqa: ARG002 (as Temporal calls it)
    ) -> SerializationContext | None:
        return None

    def get_external_store_context(
        self,
        command_info: CommandInfo | None,  # noqa: ARG002 (as Temporal calls it)
    ) -> StorageDriverStoreContext:
        return NOT_STORED_ELSEWHERE

    def get_info(self) -> Info:
        return self._within.get_info()

    def get_thread_id(self) -> int | None:
        return self._within.get_thread_id()
