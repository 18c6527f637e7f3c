"""A deliberate fault: a workflow that reads the real clock."""

from datetime import UTC, datetime

from temporalio import workflow

from complaints.procedure.views.views import ComplaintView
from workflows import names
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


@workflow.defn(name=names.WORKFLOW)
class Impure(ComplaintWorkflow):
    @workflow.init
    def __init__(self, given: ComplaintInput) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, given: ComplaintInput) -> ComplaintView:
        datetime.now(UTC)  # noqa: TID251 - the fault
        return await super().run(given)
