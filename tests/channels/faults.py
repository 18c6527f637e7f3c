"""Faults that a test's server shows at a step, for a number of times."""

import asyncio
from collections import deque
from enum import Enum, auto
from itertools import repeat


class Silence(Enum):
    HANG = auto()
    """Answers nothing, and keeps the connection open."""
    DROP = auto()
    """Closes the connection without an answer."""


Fault = str | int | float | Silence
"""An answer instead of the proper one; as a float, seconds before the proper one; or silence."""

ALWAYS = 1_000_000


class FaultQueue:
    """The next faults of each step."""

    def __init__(self) -> None:
        self._faults: dict[str, deque[Fault]] = {}

    def inject(self, step: str, fault: Fault, *, times: int = ALWAYS) -> None:
        """Add a fault, after those that the step already has."""
        self._faults.setdefault(step, deque()).extend(repeat(fault, times))

    def clear_faults(self) -> None:
        self._faults.clear()

    async def next_fault(self, step: str) -> Fault | None:
        """Return the next fault, or None after its delay if it is a number of seconds."""
        faults = self._faults.get(step)
        fault = faults.popleft() if faults else None
        if isinstance(fault, float):
            await asyncio.sleep(fault)
            return None
        return fault


async def wait_until_cancelled() -> None:
    """Wait until the task is cancelled, as it is when its connection closes."""
    await asyncio.Event().wait()
