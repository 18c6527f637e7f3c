"""A deliberate change of the workflow: the same commands in another order."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from complaints.procedure.view import ComplaintView, view_of
    from workflows import names
    from workflows.attributes import attributes_of, updates_between
    from workflows.complaint import ComplaintInput, ComplaintWorkflow


@workflow.defn(name=names.WORKFLOW)
class Reordered(ComplaintWorkflow):
    """Operators are shown a transition once it is recorded, and not at once."""

    @workflow.init
    def __init__(self, given: ComplaintInput) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, given: ComplaintInput) -> ComplaintView:
        return await super().run(given)

    async def _keep_shown(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self.recorded > self.shown)
            self.shown = self.recorded
            shown, wanted = workflow.info().typed_search_attributes, attributes_of(view_of(self.complaint))
            if updates := updates_between(shown, wanted):
                workflow.upsert_search_attributes(updates)
