"""What was refused for want of a right: counted here, put on the record now and then, so that nobody can flood it."""

import logging
from collections.abc import Callable
from datetime import datetime

from complaints.records.refused_requests import RefusedRequests

log = logging.getLogger(__name__)


class DeniedRequests:
    """`now` is the real instant. There are as many rows as reasons, requests and systems, whatever strangers send."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counted: dict[tuple[object, ...], RefusedRequests] = {}

    def count(self, reason: str, system: str, request: str) -> None:
        """`request` is a method and a route of ours, never what was sent."""
        at = self._now()
        fresh = RefusedRequests(
            day=at.date(), reason=reason, system=system, request=request, times=1, first_at=at, last_at=at
        )
        self.add([fresh])

    def add(self, refused: list[RefusedRequests]) -> None:
        for each in refused:
            key = (each.day, each.reason, each.system, each.request)
            known = self._counted.get(key)
            self._counted[key] = each if known is None else _together(known, each)

    def take(self) -> list[RefusedRequests]:
        """All that was counted since the last time; `add` takes it back."""
        counted, self._counted = list(self._counted.values()), {}
        return counted


def _together(one: RefusedRequests, other: RefusedRequests) -> RefusedRequests:
    changes = {
        "times": one.times + other.times,
        "first_at": min(one.first_at, other.first_at),
        "last_at": max(one.last_at, other.last_at),
    }
    return one.model_copy(update=changes)
