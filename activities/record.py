"""Write a complaint's transitions to PostgreSQL."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from complaints.procedure.views.views import Transition

RECORD = "record"
"""The activity's name on the wire."""


class RecordActivities:
    """`write` writes one transition, idempotently, in one transaction.

    `dispatch` starts the deliveries that the transition owes.
    """

    def __init__(
        self, write: Callable[[Transition], Awaitable[None]], dispatch: Callable[[Transition], Awaitable[None]]
    ) -> None:
        self._write = write
        self._dispatch = dispatch

    @activity.defn(name=RECORD)
    async def record(self, transition: Transition) -> None:
        await self._write(transition)
        await self._dispatch(transition)
