"""Put load on a side, and measure response times as callers see them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from benchmarks.workloads import LIFECYCLE_ACTS, Side

CALLERS = 20


@dataclass
class Round:
    """The response times of one round of one side."""

    starts_per_second: float
    lives_per_second: float
    alone: list[float]
    """Seconds that each act took, one at a time."""
    busy: list[float]
    """Seconds that each act took, 20 at once."""


@dataclass(frozen=True)
class Size:
    """The amount of work in one run."""

    rounds: int = 2
    starts: int = 100
    lives: int = 80
    """Lifecycles, run by 20 callers one after another."""
    lives_alone: int = 20
    pairs: int = 6
    """Of rounds of lifecycles, with and without encryption."""
    storms: int = 1
    deadlines: int = 500
    """In one storm."""
    bystanders: int = 20
    """Complaints on which to act during a storm, whose deadline is far away."""
    open_complaints: int = 2_000
    """Several times as many as the cache keeps; from then on memory does not grow."""
    replayed: int = 40
    kills: int = 2
    replays: int = 5
    ups: int = 3
    accepted: int = 300
    redated: int = 500


QUICK = Size(
    rounds=1,
    starts=4,
    lives=4,
    lives_alone=1,
    storms=1,
    deadlines=4,
    bystanders=2,
    open_complaints=6,
    replayed=1,
    kills=1,
    pairs=1,
    replays=1,
    ups=1,
    accepted=4,
    redated=6,
)


async def alternate(
    sides: list[Side], size: Size, tell: Callable[[str], None], rest: Callable[[], Awaitable[None]] | None = None
) -> dict[str, list[Round]]:
    """Run the sides alternately, each first in every other round; the first round warms up.

    `rest` waits, after each side's round, until that side has left nothing to do.
    """
    rounds: dict[str, list[Round]] = {side.name: [] for side in sides}
    for number in range(size.rounds + 1):
        for side in sides if number % 2 else reversed(sides):
            tell(f"{'warming up' if number == 0 else f'round {number} of {size.rounds}'}: {side.name}")
            measured = await _round(side, f"{side.name}-{number}", size)
            if rest:
                await rest()
            if number:
                rounds[side.name].append(measured)
    return rounds


async def _round(side: Side, name: str, size: Size) -> Round:
    begun = perf_counter()
    await at_once(size.starts, lambda number: side.start(f"{name}-start-{number}"))
    starts = size.starts / (perf_counter() - begun)
    await side.settle(f"{name}-start-", size.starts, 0)
    alone: list[float] = []
    await live(side, f"{name}-alone-", size.lives_alone, alone, callers=1)
    busy: list[float] = []
    begun = perf_counter()
    await live(side, f"{name}-busy-", size.lives, busy, callers=CALLERS)
    return Round(starts, size.lives / (perf_counter() - begun), alone, busy)


async def live(
    side: Side, prefix: str, lives: int, durations: list[float], *, callers: int, acts: int = LIFECYCLE_ACTS
) -> None:
    """Run whole lifecycles until nothing of them is left to do."""

    async def one(number: int) -> None:
        reference = f"{prefix}{number}"
        await side.start(reference)
        for act in range(acts):
            begun = perf_counter()
            await side.act(reference, act)
            durations.append(perf_counter() - begun)

    await at_once(lives, one, callers=callers)
    await side.settle(prefix, lives, acts)


async def at_once(times: int, do: Callable[[int], Awaitable[None]], *, callers: int = CALLERS) -> None:
    """Run `number` jobs with `callers` concurrent callers."""
    numbers = iter(range(times))

    async def call(numbers: Iterator[int]) -> None:
        for number in numbers:
            await do(number)

    await asyncio.gather(*(call(numbers) for _ in range(callers)))
