"""Measure a worker's memory with its cache full, and what a replay costs an act."""

import asyncio
from time import perf_counter
from typing import NamedTuple

from benchmarks.load import live
from benchmarks.servers import Servers, running
from benchmarks.workloads import ProductSide

TASK_QUEUE = "memory"
SETTLES_AFTER = 2.0
"""Seconds until a process has settled."""
MEGABYTE = 1_000_000


class Memory(NamedTuple):
    """A worker's resident memory in MB, and the seconds that acts took."""

    idle: float
    """Before any complaint was opened."""
    half: float
    """With half of them open."""
    full: float
    cached: list[float]
    """Acts on complaints in the cache."""
    replayed: list[float]
    """Acts on complaints out of the cache, each of which is replayed first."""


async def memory(on: Servers, number: int, acts: int) -> Memory:
    """Open complaints, each acknowledged; then act on the first and the last of them."""
    side = ProductSide(on.client, on.engine, TASK_QUEUE)
    with running(on.product_worker(TASK_QUEUE)) as process:

        async def megabytes() -> float:
            await asyncio.sleep(SETTLES_AFTER)
            return process.memory_info().rss / MEGABYTE

        idle = await megabytes()
        sizes = []
        for part in ("one", "two"):
            await live(side, f"memory-{part}-", number // 2, [], callers=20, acts=1)
            sizes.append(await megabytes())
        replayed = [await _act(side, f"memory-one-{each}") for each in range(acts)]
        cached = [await _act(side, f"memory-two-{number // 2 - 1 - each}") for each in range(acts)]
    half, full = sizes
    return Memory(idle, half, full, cached, replayed)


async def _act(side: ProductSide, reference: str) -> float:
    begun = perf_counter()
    await side.act(reference, 1)
    return perf_counter() - begun
