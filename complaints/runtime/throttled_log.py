"""Log a failure that repeats as one line a minute, with its count."""

import logging
from collections import Counter

from complaints.runtime.clock import monotonic

INTERVAL_SECONDS = 60.0


class ThrottledLog:
    """Log `event` at its first occurrence of a `kind`, then at most once a minute for it."""

    def __init__(self, log: logging.Logger, event: str) -> None:
        self._log = log
        self._event = event
        self._logged_at: dict[str, float] = {}
        self._times: Counter[str] = Counter()

    def note(self, kind: str, why: str) -> None:
        """Count one occurrence. A line gives `times`, those since the line before it."""
        self._times[kind] += 1
        last = self._logged_at.get(kind)
        if last is None or monotonic() - last >= INTERVAL_SECONDS:
            self._log.warning(self._event, extra={"kind": kind, "times": self._times.pop(kind), "why": why})
            self._logged_at[kind] = monotonic()

    def end(self, kind: str, event: str) -> None:
        """Log that it is over, if it was noted since; `times` counts those without a line."""
        if self._logged_at.pop(kind, None) is not None:
            self._log.info(event, extra={"kind": kind, "times": self._times.pop(kind, 0)})
