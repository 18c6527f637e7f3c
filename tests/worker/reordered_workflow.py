"""A deliberate change of the workflow: the same commands in another order."""

from temporalio import workflow

from complaints.procedure.views.views import ComplaintView
from workflows import names
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


@workflow.defn(name=names.WORKFLOW)
class Reordered(ComplaintWorkflow):
    """Set the timer before the upsert, not after it."""

    @workflow.init
    def __init__(self, given: ComplaintInput) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, given: ComplaintInput) -> ComplaintView:
        return await super().run(given)

    def _publish(self) -> None:
        pass

    def _start_recording(self) -> None:
        super()._publish()
        super()._start_recording()
