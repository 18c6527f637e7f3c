"""Runs in processes of their own, each with a ground of its own: replaying histories takes a core."""

import asyncio
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.queues import Queue

from tests.chaos.ground import ground
from tests.chaos.plan import plan
from tests.chaos.run import Outcome, live


def by_jobs(seeds: list[str], jobs: int) -> Iterator[Outcome]:
    """The outcomes as they come."""
    context = get_context("spawn")
    waiting, done = context.Queue(), context.Queue()
    for seed in [*seeds, *[None] * jobs]:
        waiting.put(seed)
    processes = [context.Process(target=_work, args=(waiting, done)) for _ in range(jobs)]
    for process in processes:
        process.start()
    for _ in seeds:
        yield done.get()
    for process in processes:
        process.join()


def _work(waiting: "Queue[str | None]", done: "Queue[Outcome]") -> None:
    asyncio.run(_live_all(waiting, done))


async def _live_all(waiting: "Queue[str | None]", done: "Queue[Outcome]") -> None:
    """One run after another on one ground; on a new one after a violation."""
    seed = waiting.get()
    while seed:
        async with ground() as made:
            sound = True
            while seed and sound:
                outcome = await live(made, plan(seed))
                done.put(outcome)
                sound = not outcome.violations
                seed = waiting.get()
