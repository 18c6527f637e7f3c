"""How the servers of these tests are told to misbehave: at a step, in a way, for so many times."""

import asyncio
from collections import deque
from enum import Enum, auto
from itertools import repeat


class Silence(Enum):
    HANG = auto()
    """Says nothing more, and keeps the line open."""
    DROP = auto()
    """Hangs up without a word."""


Fault = str | int | float | Silence
"""An answer in place of the proper one; seconds before the proper one, as a float; or silence."""

ALWAYS = 1_000_000
"""Times."""


class FaultQueue:
    """What is to happen, step by step."""

    def __init__(self) -> None:
        self._to_come: dict[str, deque[Fault]] = {}

    def inject(self, step: str, fault: Fault, *, times: int = ALWAYS) -> None:
        """From now on, so many times; after what was said before for that step."""
        self._to_come.setdefault(step, deque()).extend(repeat(fault, times))

    def clear_faults(self) -> None:
        """From now on."""
        self._to_come.clear()

    async def next_fault(self, step: str) -> Fault | None:
        """None: the proper answer, after a pause if one was wanted."""
        to_come = self._to_come.get(step)
        fault = to_come.popleft() if to_come else None
        if isinstance(fault, float):
            await asyncio.sleep(fault)
            return None
        return fault


async def wait_until_cancelled() -> None:
    """Until whoever waits is cancelled, as it is once its connection is gone."""
    await asyncio.Event().wait()
