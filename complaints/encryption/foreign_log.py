"""Log that a stranger sends payloads, but a flood of them with a few lines."""

import logging

from complaints.runtime.clock import monotonic

SECONDS_BETWEEN_LINES = 5.0

log = logging.getLogger(__name__)


class ForeignLog:
    """Counts the foreign payloads since the last line."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._count = 0

    def note(self, workflow_id: str | None) -> None:
        """Note a payload that was for this workflow."""
        self._count += 1
        if monotonic() < self._next_at:
            return
        log.warning("foreign payload", extra={"workflow": workflow_id, "count": self._count})
        self._next_at, self._count = monotonic() + SECONDS_BETWEEN_LINES, 0
