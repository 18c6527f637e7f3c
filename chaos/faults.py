"""What strikes: each fault breaks one thing, and mends it again before it returns."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chaos.environment import Ground

COMMITS_WITHIN = 4.0
"""Seconds in which some transition is recorded; where none is, there is nothing to strike."""

Fault = Callable[[Ground], Awaitable[bool]]
"""Whether it struck."""


async def worker_killed(ground: Ground) -> bool:
    async with ground.worker_lock:
        await ground.kill(ground.worker)
        await ground.start_worker()
    return True


async def worker_killed_between_commit_and_answer(ground: Ground) -> bool:
    """PostgreSQL has the transition, Temporal does not know."""
    async with ground.worker_lock:
        async with ground.postgres_lock:
            held = await _happens(ground.line.die_at_commit())
            if held:
                await asyncio.sleep(0.05)  # PostgreSQL commits
                await ground.kill(ground.worker)
            ground.line.revive()
        if held:
            await ground.start_worker()
    return held


async def worker_told_to_stop_under_load(ground: Ground) -> bool:
    """By SIGTERM: it drains, while another does the work."""
    async with ground.worker_lock:
        stopping = ground.worker
        await asyncio.gather(ground.stop_worker(stopping), ground.start_worker())
    return True


async def worker_replaced_by_a_newer_build(ground: Ground) -> bool:
    async with ground.worker_lock:
        older = ground.worker
        ground.builds += 1
        await ground.start_worker()
        await ground.make_current()
        await ground.stop_worker(older)
    return True


async def temporal_killed(ground: Ground) -> bool:
    async with ground.temporal_lock:
        await ground.kill("temporal")
        await ground.start(ground.temporal)
    return True


async def postgres_killed(ground: Ground) -> bool:
    async with ground.postgres_lock:
        await ground.kill("postgres")
        await ground.start(ground.postgres)
    return True


async def postgres_refuses(ground: Ground) -> bool:
    async with ground.postgres_lock:
        ground.line.refuse()
        await asyncio.sleep(1.5)
        ground.line.revive()
    return True


async def postgres_hangs(ground: Ground) -> bool:
    async with ground.postgres_lock:
        ground.line.die()
        await asyncio.sleep(1.5)
        ground.line.revive()
    return True


async def connections_cut_in_a_transaction(ground: Ground) -> bool:
    async with ground.postgres_lock:
        cut = await _happens(ground.line.cut_at_commit())
        ground.line.revive()
    return cut


async def _happens(event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), COMMITS_WITHIN)
    return event.is_set()


FAULTS: tuple[Fault, ...] = (
    worker_killed,
    worker_killed_between_commit_and_answer,
    worker_told_to_stop_under_load,
    worker_replaced_by_a_newer_build,
    temporal_killed,
    postgres_killed,
    postgres_refuses,
    postgres_hangs,
    connections_cut_in_a_transaction,
)
BY_NAME: dict[str, Fault] = {fault.__name__: fault for fault in FAULTS}
