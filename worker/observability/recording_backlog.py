"""Track the complaints that this worker cannot record at the moment."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from temporalio import activity

from complaints.procedure.views.views import Transition
from complaints.records.database import RecordError
from complaints.records.transitions import RecordForkedError, UnknownBasisError, Written

RETRY_WINDOW_SECONDS = 15.0
"""Longer than the retry interval. A recording not retried here by then runs on another worker."""

log = logging.getLogger(__name__)


class RecordingBacklog:
    """`write` writes a transition to PostgreSQL; the backlog counts its failures.

    `observe` is called with the events that a recording has put on the record.
    """

    def __init__(
        self, write: Callable[[Transition], Awaitable[Written]], observe: Callable[[Written], None] | None = None
    ) -> None:
        self._write = write
        self._observe = observe
        self._failed_at: dict[str, float] = {}
        self._forked: set[str] = set()

    async def write(self, transition: Transition) -> bool:
        """Write a transition, and note a failure. Raises the errors of `write`.

        Return whether it is written. It is not if the record lacks a policy or calendar that it only names.
        """
        reference = transition.reference
        try:
            written = await self._write(transition)
        except UnknownBasisError:
            return False
        except RecordError as error:
            self._mark_failed(reference, error)
            raise
        if self._observe:
            self._observe(written)
        if self._failed_at.pop(reference, None) is not None:
            log.info("recorded after all", extra={"reference": reference, "sequence": transition.sequence})
        return True

    def count(self) -> int:
        """Return the number of complaints whose recording waits for a retry."""
        oldest = asyncio.get_running_loop().time() - RETRY_WINDOW_SECONDS
        for reference in [reference for reference, at in self._failed_at.items() if at < oldest]:
            del self._failed_at[reference]
        return len(self._failed_at)

    def count_forked(self) -> int:
        """Return how many of them fail because the record holds another event."""
        self.count()
        self._forked &= self._failed_at.keys()
        return len(self._forked)

    def _mark_failed(self, reference: str, error: RecordError) -> None:
        """Ignore a local activity: the regular activity follows at once."""
        if activity.info().is_local:
            return
        if reference not in self._failed_at:
            log.warning("not recorded yet", extra={"reference": reference, "why": str(error)})
        if isinstance(error, RecordForkedError):
            self._forked.add(reference)
        else:
            self._forked.discard(reference)
        self._failed_at[reference] = asyncio.get_running_loop().time()
