"""Skip the sandbox's serialization context.

The sandbox compiles code for every payload to build it (about 14 % of worker CPU), and our data converter ignores it.
Remove this wrapper when a codec with one key per complaint is added.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.worker._command_aware_visitor import CommandInfo
from temporalio.workflow import Info

NOT_STORED_ELSEWHERE = StorageDriverStoreContext()
"""No payload is stored outside Temporal."""


class WithoutPayloadContext(WorkflowInstance):
    """Delegate to the sandbox's workflow instance, but return no context for payloads."""

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
