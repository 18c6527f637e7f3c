"""Limit each system's requests: how many a second, and how many at the same time."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from complaints.runtime.clock import monotonic
from starter.api.metrics import RequestMetrics
from starter.api.problems import too_many_requests

BURST_SECONDS = 2
"""A system that was idle may send this many seconds' worth of requests at once."""


@dataclass
class RequestBudget:
    """Token bucket of one system: `rate` tokens a second, `saved` tokens at the instant `at`."""

    rate: int
    saved: float
    at: float

    def take(self) -> float:
        """Take a token; return 0.0, or the seconds until there is one."""
        now = monotonic()
        self.saved = min(self.saved + (now - self.at) * self.rate, self.rate * BURST_SECONDS)
        self.at = now
        if self.saved < 1:
            return (1 - self.saved) / self.rate
        self.saved -= 1
        return 0.0


class RateLimits:
    """Limit each system to `rate` requests a second and `at_once` at the same time."""

    def __init__(self, *, rate: int, at_once: int, metrics: RequestMetrics) -> None:
        self._rate = rate
        self._at_once = at_once
        self._metrics = metrics
        self._budgets: dict[str, RequestBudget] = {}
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def admitted(self, system: str) -> Iterator[None]:
        """Admit one request of the system. Raises ProblemError."""
        if self._under_way[system] >= self._at_once:
            self._metrics.refused_by("at_once")
            raise too_many_requests(f"At most {self._at_once} requests of a system are answered at the same time.", 0)
        if wait_seconds := self._budget(system).take():
            self._metrics.refused_by("rate")
            raise too_many_requests(f"A system may make {self._rate} requests a second.", wait_seconds)
        self._under_way[system] += 1
        try:
            yield
        finally:
            self._under_way[system] -= 1

    async def turn(self, system: str) -> None:
        """Wait until the system's budget allows one more form of a batch."""
        while True:
            wait_seconds = self._budget(system).take()
            if not wait_seconds:
                return
            await asyncio.sleep(wait_seconds)

    def _budget(self, system: str) -> RequestBudget:
        if system not in self._budgets:
            self._budgets[system] = RequestBudget(self._rate, self._rate * BURST_SECONDS, monotonic())
        return self._budgets[system]
