"""Erases one complaint: what Temporal has of it, its letters, and the people on its record; a tombstone stays."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.erasure import ErasureActivities
    from workflows import names, timeouts


def workflow_id(reference: str) -> str:
    """No complaint's reference has a slash."""
    return f"erasure/{reference}"


@workflow.defn(name=names.ERASURE)
class ErasureWorkflow:
    @workflow.run
    async def run(self, reference: str) -> None:
        """In this order: a complaint that still ran would go on recording, and a letter would be written anew."""
        for forget in (
            ErasureActivities.delete_workflow_runs,
            ErasureActivities.delete_letters,
            ErasureActivities.anonymise_record,
        ):
            await workflow.execute_activity_method(forget, reference, **timeouts.ERASE)
