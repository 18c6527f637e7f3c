"""Count denied requests in memory, so that no caller can flood the record with them."""

import logging
from collections.abc import Callable
from datetime import datetime

from complaints.records.refused_requests import RefusedRequests

log = logging.getLogger(__name__)


class DeniedRequests:
    """Count denied requests by day, reason, system and route. `now` returns the current time.

    None of these comes from the request's text, which bounds the number of rows.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counts: dict[tuple[object, ...], RefusedRequests] = {}

    def count(self, reason: str, system: str, request: str) -> None:
        """Count one denied request. `request` is its method and route, as `request_of` returns them."""
        at = self._now()
        denied = RefusedRequests(
            day=at.date(), reason=reason, system=system, request=request, times=1, first_at=at, last_at=at
        )
        self.add([denied])

    def add(self, denied: list[RefusedRequests]) -> None:
        for row in denied:
            key = (row.day, row.reason, row.system, row.request)
            counted = self._counts.get(key)
            self._counts[key] = row if counted is None else _merge(counted, row)

    def take(self) -> list[RefusedRequests]:
        """Remove and return the counts; `add` puts them back."""
        counts, self._counts = list(self._counts.values()), {}
        return counts


def _merge(one: RefusedRequests, other: RefusedRequests) -> RefusedRequests:
    changes = {
        "times": one.times + other.times,
        "first_at": min(one.first_at, other.first_at),
        "last_at": max(one.last_at, other.last_at),
    }
    return one.model_copy(update=changes)
