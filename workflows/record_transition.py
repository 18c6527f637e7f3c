"""Have an activity write a transition to PostgreSQL."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities.record import RecordActivities
from complaints.procedure.views.views import Transition
from complaints.temporal.execution import execute_activity
from complaints.temporal.summaries import fit_summary
from workflows import timeouts


class Recorded(NamedTuple):
    """The last event recorded. Its link, an activity's result, is the same in every replay."""

    sequence: int
    link: str | None


async def record_transition(
    transition: Transition, *, is_timer_driven: bool, lock: asyncio.Lock, on_fork: Callable[[], None]
) -> Recorded:
    """Record until it succeeds.

    The transition goes without its policy and calendar. Only where the record lacks one, as for the first complaint
    with them, it goes again with both. `on_fork` is called where the record holds other events. That does not pass:
    see `worker/replay/forks.py`.

    Timer-driven events are the same on every retry of the workflow task: they precede an input that came between two
    attempts. They use a local activity: one history event instead of six. Events caused by input may differ on a
    retry. They use a regular activity, which starts only after the task has committed; it also follows a local
    activity that fails.
    """
    summary, lean = f"record events to {transition.sequence}", transition.lean()
    if is_timer_driven:
        try:
            async with lock:
                link = await workflow.execute_local_activity_method(
                    RecordActivities.record, lean, summary=fit_summary(summary), **timeouts.RECORD_LOCALLY
                )
        except FailureError:
            link = await _record(lean, summary, on_fork)
    else:
        link = await _record(lean, summary, on_fork)
    if link is None:
        link = await _record(transition, summary, on_fork)
    return Recorded(transition.sequence, link)


async def _record(transition: Transition, summary: str, on_fork: Callable[[], None]) -> str | None:
    """Record by a regular activity. Return the last event's link; None: nothing is recorded."""
    try:
        return await execute_activity(
            RecordActivities.record, transition, summary=summary, **timeouts.RECORD_UNLESS_FORKED
        )
    except ActivityError as error:
        if not isinstance(error.cause, ApplicationError) or error.cause.type != timeouts.FORKED:
            raise
        on_fork()
        return await execute_activity(RecordActivities.record, transition, summary=summary, **timeouts.RECORD)
