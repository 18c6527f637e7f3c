"""Run workflows in Temporal's sandbox, with our own modules passed through.

Otherwise the sandbox would import our modules again for every complaint, and keep a copy with each. The linter and the
import contracts keep a real clock and I/O out of them. Imports while a workflow runs stay sandboxed.
"""

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker.sandbox.query_guard import QueryGuard

OWN_MODULES = ("workflows", "activities", "complaints")


class Runner(SandboxedWorkflowRunner):
    """The runner of workers and of replays."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return QueryGuard(super().create_instance(det))


def sandbox() -> Runner:
    return Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*OWN_MODULES))
