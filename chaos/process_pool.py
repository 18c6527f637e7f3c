"""Runs in processes of their own, each with a ground of its own: replaying histories takes a core."""

import asyncio
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.queues import Queue
from queue import Empty

from chaos.environment import ground
from chaos.plan import plan
from chaos.run import RunOutcome, live

LOOKED_AFTER = 5.0
"""Seconds."""


def by_jobs(seeds: list[str], jobs: int) -> Iterator[RunOutcome]:
    """The outcomes as they come."""
    context = get_context("spawn")
    waiting, done = context.Queue(), context.Queue()
    for seed in [*seeds, *[None] * jobs]:
        waiting.put(seed)
    processes = [context.Process(target=_work, args=(waiting, done)) for _ in range(jobs)]
    for process in processes:
        process.start()
    for _ in seeds:
        while True:
            try:
                yield done.get(timeout=LOOKED_AFTER)
                break
            except Empty:
                if not any(process.is_alive() for process in processes):
                    raise RuntimeError("no job is left: none could lay its ground") from None
    for process in processes:
        process.join()


def _work(waiting: "Queue[str | None]", done: "Queue[RunOutcome]") -> None:
    asyncio.run(_live_all(waiting, done))


async def _live_all(waiting: "Queue[str | None]", done: "Queue[RunOutcome]") -> None:
    while await _is_left_after_one_ground(waiting, done):
        continue


async def _is_left_after_one_ground(waiting: "Queue[str | None]", done: "Queue[RunOutcome]") -> bool:
    """One run after another, until a violation: the next run needs sound ground."""
    async with ground() as made:
        while seed := waiting.get():
            outcome = await live(made, plan(seed))
            done.put(outcome)
            if outcome.violations:
                return True
    return False
