"""How much a system may ask for: so many requests a second in the long run, and so many at the same time."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from starter.api.problems import too_many

SECONDS_SAVED = 2
"""Whoever asked for nothing lately may ask for this many seconds' worth at once."""


@dataclass
class RequestBudget:
    """Of one system. What it does not use is saved, up to a limit."""

    rate: int
    saved: float
    at: float

    def take(self) -> float:
        """0.0 when one more may come now; else how many seconds until then."""
        now = monotonic()
        self.saved = min(self.saved + (now - self.at) * self.rate, self.rate * SECONDS_SAVED)
        self.at = now
        if self.saved < 1:
            return (1 - self.saved) / self.rate
        self.saved -= 1
        return 0.0


class RateLimits:
    """`rate` and `at_once` are each system's; one that asks for too much keeps no other waiting."""

    def __init__(self, *, rate: int, at_once: int) -> None:
        self._rate = rate
        self._at_once = at_once
        self._allowances: dict[str, RequestBudget] = {}
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def admitted(self, system: str) -> Iterator[None]:
        """One request of it. Raises ProblemError."""
        if self._under_way[system] >= self._at_once:
            raise too_many(f"At most {self._at_once} requests of a system are answered at the same time.", 0)
        if wait := self._allowance(system).take():
            raise too_many(f"A system may make {self._rate} requests a second.", wait)
        self._under_way[system] += 1
        try:
            yield
        finally:
            self._under_way[system] -= 1

    async def turn(self, system: str) -> None:
        """For one more of many that came as one request: they wait for each other."""
        while True:
            wait = self._allowance(system).take()
            if not wait:
                return
            await asyncio.sleep(wait)

    def _allowance(self, system: str) -> RequestBudget:
        if system not in self._allowances:
            self._allowances[system] = RequestBudget(self._rate, self._rate * SECONDS_SAVED, monotonic())
        return self._allowances[system]
