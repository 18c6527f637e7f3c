"""Write a complaint's transitions to PostgreSQL."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.asked_for import require_workflow
from activities.workflow_types import COMPLAINT
from complaints.procedure.views.views import Transition

RECORD = "record"
"""The activity's name on the wire."""


class RecordActivities:
    """`write` writes one transition, idempotently, in one transaction.

    It returns whether the transition is written. `dispatch` starts the deliveries that the transition owes.
    """

    def __init__(
        self, write: Callable[[Transition], Awaitable[bool]], dispatch: Callable[[Transition], Awaitable[None]]
    ) -> None:
        self._write = write
        self._dispatch = dispatch

    @activity.defn(name=RECORD)
    async def record(self, transition: Transition) -> str | None:
        """Return the link of the last event recorded.

        None: nothing is recorded, as the record lacks the policy or the calendar. Send the transition whole.
        """
        require_workflow(COMPLAINT, workflow_id=transition.reference)
        is_written = await self._write(transition)
        if not is_written:
            return None
        await self._dispatch(transition)
        return transition.events[-1].link
