"""Temporal's sandbox for the workflow, with the product's own modules passed through.

Otherwise it would import the workflow's module anew for every complaint, and keep a copy of it with each. What it would
find in them (a real clock, I/O) the linter and the import contracts keep out; of all that they import anew while a
workflow runs, it goes on guarding.
"""

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from worker.sandbox.query_guard import QueryGuard

OWN_MODULES = ("workflows", "activities", "complaints")


class Runner(SandboxedWorkflowRunner):
    """The same for a worker and for a replay."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return QueryGuard(super().create_instance(det))


def sandbox() -> Runner:
    return Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*OWN_MODULES))
