"""Hands a transition to PostgreSQL, whether or not it is there at the moment."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import timeouts

with workflow.unsafe.imports_passed_through():
    from activities.record import RecordActivities
    from complaints.procedure.views.views import Transition


async def record_transition(transition: Transition, *, is_timer_driven: bool, lock: asyncio.Lock) -> int:
    """Until it is done; returns the number of the last event recorded.

    A worker may die with a workflow task, which is then done anew, at another time and with other acts. So an activity
    of its own records what came in that task, once Temporal has it. What was certain to happen, however often the task
    is done, is recorded beside it, at a fifth of the price; the server takes over when that does not go at once.
    """
    summary = f"record events to {transition.view.sequence}"
    if is_timer_driven:
        try:
            async with lock:
                await workflow.execute_local_activity_method(
                    RecordActivities.record, transition, summary=summary, **timeouts.RECORD_AT_ONCE
                )
        except FailureError:
            pass
        else:
            return transition.view.sequence
    await workflow.execute_activity_method(
        RecordActivities.record, transition, summary=summary, **timeouts.RECORD_UNTIL_DONE
    )
    return transition.view.sequence
