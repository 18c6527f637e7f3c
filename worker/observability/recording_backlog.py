"""Which complaints cannot be recorded at the moment, as far as this worker knows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from temporalio import activity

from complaints.procedure.views.views import Transition
from complaints.records.database import RecordError

TRIED_AGAIN_WITHIN = 15.0
"""Seconds; more than lie between two tries. What is not tried here by then is tried by another worker."""

log = logging.getLogger(__name__)


class Backlog:
    """`write` puts a transition on the record; this notes how that goes."""

    def __init__(self, write: Callable[[Transition], Awaitable[None]]) -> None:
        self._write = write
        self._failed_at: dict[str, float] = {}

    async def write(self, transition: Transition) -> None:
        """Raises what `write` raises."""
        reference = transition.view.reference
        try:
            await self._write(transition)
        except RecordError as error:
            self._behind(reference, str(error))
            raise
        if self._failed_at.pop(reference, None) is not None:
            log.info("recorded after all", extra={"reference": reference, "sequence": transition.view.sequence})

    def behind(self) -> int:
        """How many complaints: they wait on Temporal, and are tried again and again."""
        long_ago = asyncio.get_running_loop().time() - TRIED_AGAIN_WITHIN
        for reference in [reference for reference, at in self._failed_at.items() if at < long_ago]:
            del self._failed_at[reference]
        return len(self._failed_at)

    def _behind(self, reference: str, why: str) -> None:
        """The quick try beside a workflow task is no failure yet: the lasting one follows at once."""
        if activity.info().is_local:
            return
        if reference not in self._failed_at:
            log.warning("not recorded yet", extra={"reference": reference, "why": why})
        self._failed_at[reference] = asyncio.get_running_loop().time()
