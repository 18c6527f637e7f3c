"""The clock of one complaint, and its one timer."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import workflow

from complaints.temporal.summaries import fit_summary


@dataclass(frozen=True, order=True)
class Timer:
    """The instant at which a timer fires, and its summary for operators."""

    at: datetime
    summary: str


class Clock:
    """Read Temporal's clock, but never before the instant of a timer that fired.

    The server's own clock may be set back.
    """

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._timer: Timer | None = None
        self._sleep: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        if self._timer and self.has_fired():
            return max(workflow.now(), self._timer.at)
        return max(workflow.now(), self._latest)

    def has_fired(self) -> bool:
        return self._sleep is not None and self._sleep.done()

    async def set_timer(self, timer: Timer | None) -> None:
        """Replace the timer, or cancel it where `timer` is None.

        An equal timer stays, because each costs two history events.
        The commands are issued on return, so their order among others never depends on the rest of the loop.
        """
        if timer == self._timer:
            return
        self._latest = self.now()
        if self._sleep:
            self._sleep.cancel()
        self._timer, self._sleep = timer, None
        if timer:
            self._sleep = asyncio.create_task(
                workflow.sleep(timer.at - self._latest, summary=fit_summary(timer.summary))
            )
        await asyncio.sleep(0)
