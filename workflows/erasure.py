"""Erase one complaint from Temporal, the letters and the record; a tombstone remains."""

from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from activities.asked_for import read_input
from activities.erasure import ErasureActivities
from complaints.temporal.execution import execute_activity
from workflows import names, timeouts


class ErasureInput(BaseModel):
    """Who asked for it, when and why is on the record, in the tombstone."""

    reference: str


def erasure_workflow_id(reference: str) -> str:
    """Return the id of the erasure's workflow. No complaint's reference has a slash."""
    return f"erasure/{reference}"


@workflow.defn(name=names.ERASURE)
class ErasureWorkflow:
    @workflow.run
    async def run(self, *given: Any) -> None:
        """Erase the complaint of an ErasureInput.

        Fails with `not_asked_for` without an unfinished tombstone.

        Destroy the keys first: at that instant nothing readable is left in Temporal and on the record. Then delete the
        runs: a running workflow would write letters again.
        """
        reference = read_input(given, ErasureInput).reference
        await execute_activity(
            ErasureActivities.confirm_erasure, reference, summary="was it asked for?", **timeouts.ERASE
        )
        for step in (
            ErasureActivities.destroy_keys,
            ErasureActivities.delete_workflow_runs,
            ErasureActivities.delete_letters,
            ErasureActivities.anonymise_record,
        ):
            await execute_activity(step, reference, **timeouts.ERASE)
