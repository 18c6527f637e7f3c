"""Have an activity write a transition to PostgreSQL."""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities.record import RecordActivities
from complaints.procedure.views.views import Transition
from workflows import timeouts


async def record_transition(
    transition: Transition, *, is_timer_driven: bool, lock: asyncio.Lock, on_fork: Callable[[], None]
) -> int:
    """Record until it succeeds. Return the number of the last event recorded.

    The transition goes without its policy and calendar. Only where the record lacks one, as for the first complaint
    with them, it goes again with both. `on_fork` is called where the record holds other events. That does not pass:
    see `worker/replay/forks.py`.

    Timer-driven events are the same on every retry of the workflow task. They use a local activity: one history event
    instead of six. Events caused by input may differ on a retry. They use a regular activity, which starts only after
    the task has committed; it also follows a local activity that fails.
    """
    summary, lean = f"record events to {transition.sequence}", transition.lean()
    if is_timer_driven:
        try:
            async with lock:
                lacks_basis = await workflow.execute_local_activity_method(
                    RecordActivities.record, lean, summary=summary, **timeouts.RECORD_LOCALLY
                )
        except FailureError:
            lacks_basis = await _record(lean, summary, on_fork)
    else:
        lacks_basis = await _record(lean, summary, on_fork)
    if lacks_basis:
        await _record(transition, summary, on_fork)
    return transition.sequence


async def _record(transition: Transition, summary: str, on_fork: Callable[[], None]) -> bool:
    """Record by a regular activity. Return whether the record lacks the policy or the calendar."""
    try:
        return await workflow.execute_activity_method(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD_UNLESS_FORKED
        )
    except ActivityError as error:
        if not isinstance(error.cause, ApplicationError) or error.cause.type != timeouts.FORKED:
            raise
        on_fork()
        return await workflow.execute_activity_method(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD
        )
