"""Have an activity write a transition to PostgreSQL."""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workflows import timeouts

with workflow.unsafe.imports_passed_through():
    from activities.record import RecordActivities
    from complaints.procedure.views.views import Transition


async def record_transition(
    transition: Transition, *, is_timer_driven: bool, lock: asyncio.Lock, on_fork: Callable[[], None]
) -> int:
    """Record until it succeeds. Return the number of the last event recorded.

    `on_fork` is called where the record holds other events. That does not pass: see `worker/replay/forks.py`.

    Timer-driven events are the same on every retry of the workflow task. They use a local activity: one history event
    instead of six. Events caused by input may differ on a retry. They use a regular activity, which starts only after
    the task has committed; it also follows a local activity that fails.
    """
    summary = f"record events to {transition.view.sequence}"
    if is_timer_driven:
        try:
            async with lock:
                await workflow.execute_local_activity_method(
                    RecordActivities.record, transition, summary=summary, **timeouts.RECORD_LOCALLY
                )
        except FailureError:
            pass
        else:
            return transition.view.sequence
    try:
        await workflow.execute_activity_method(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD_UNLESS_FORKED
        )
    except ActivityError as error:
        if not isinstance(error.cause, ApplicationError) or error.cause.type != timeouts.FORKED:
            raise
        on_fork()
        await workflow.execute_activity_method(RecordActivities.record, transition, summary=summary, **timeouts.RECORD)
    return transition.view.sequence
