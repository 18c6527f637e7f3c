"""Writes a complaint's transitions to the record."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from complaints.procedure.views.views import Transition

RECORD = "record"
"""Its name on the wire."""


class RecordActivities:
    """`write` puts one transition on the record: idempotent, in one transaction. `post` sees to what is then owed."""

    def __init__(
        self, write: Callable[[Transition], Awaitable[None]], post: Callable[[Transition], Awaitable[None]]
    ) -> None:
        self._write = write
        self._post = post

    @activity.defn(name=RECORD)
    async def record(self, transition: Transition) -> None:
        await self._write(transition)
        await self._post(transition)
