"""Erase one complaint from Temporal, the letters and the record; a tombstone remains."""

from temporalio import workflow

from activities.erasure import ErasureActivities
from complaints.procedure.erasure_request import ErasureRequest
from workflows import names, timeouts


def erasure_workflow_id(reference: str) -> str:
    """Return the id of the erasure's workflow. No complaint's reference has a slash."""
    return f"erasure/{reference}"


@workflow.defn(name=names.ERASURE)
class ErasureWorkflow:
    @workflow.run
    async def run(self, request: ErasureRequest) -> None:
        """Erase the runs first: a running workflow would record and write letters again."""
        for step in (
            ErasureActivities.delete_workflow_runs,
            ErasureActivities.delete_letters,
            ErasureActivities.anonymise_record,
        ):
            await workflow.execute_activity_method(step, request.reference, **timeouts.ERASE)
