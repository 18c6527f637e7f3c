"""The complaint's clock: what time it is, and the one timer for the next instant at which anything is due."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import workflow


@dataclass(frozen=True, order=True)
class Wake:
    """An instant, and what happens then, for an operator."""

    at: datetime
    summary: str


class Clock:
    """Temporal's, but never before an instant that a timer has brought: the server's own clock may be put back."""

    def __init__(self) -> None:
        self._reached = datetime.min.replace(tzinfo=UTC)
        self._wake: Wake | None = None
        self._sleep: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        if self._wake and self.has_rung():
            return max(workflow.now(), self._wake.at)
        return max(workflow.now(), self._reached)

    def has_rung(self) -> bool:
        return self._sleep is not None and self._sleep.done()

    async def wake_at(self, wake: Wake | None) -> None:
        """Then and at no other time; None: never. A timer costs two events, so one that stays is left alone.

        On return its commands are given: where they stand among others does not depend on what else is to be done.
        """
        if wake == self._wake:
            return
        self._reached = self.now()
        if self._sleep:
            self._sleep.cancel()
        self._wake, self._sleep = wake, None
        if wake:
            self._sleep = asyncio.create_task(workflow.sleep(wake.at - self._reached, summary=wake.summary))
        await asyncio.sleep(0)
