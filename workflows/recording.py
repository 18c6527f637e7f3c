"""Hands a transition to PostgreSQL, whether or not it is there at the moment."""

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import timeouts

with workflow.unsafe.imports_passed_through():
    from activities.record import RecordActivities
    from complaints.procedure.view import Transition


async def record(transition: Transition) -> None:
    """Quickly beside the workflow task; while PostgreSQL is away, as an activity that waits on the server."""
    summary = f"record events to {transition.view.sequence}"
    try:
        await workflow.execute_local_activity_method(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD_AT_ONCE
        )
    except FailureError:
        await workflow.execute_activity_method(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD_UNTIL_DONE
        )
