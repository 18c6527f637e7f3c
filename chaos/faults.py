"""Faults: each breaks one thing, and repairs it before it returns."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chaos.environment import Environment

COMMIT_TIMEOUT_SECONDS = 4.0
"""If no transition is recorded in this time, the fault has nothing to interrupt."""

Fault = Callable[[Environment], Awaitable[bool]]
"""Returns whether the fault happened."""


async def worker_killed(environment: Environment) -> bool:
    async with environment.worker_lock:
        await environment.kill(environment.worker)
        await environment.start_worker()
    return True


async def worker_killed_between_commit_and_answer(environment: Environment) -> bool:
    """Kill the worker when PostgreSQL has committed and Temporal does not know it."""
    async with environment.worker_lock:
        async with environment.postgres_lock:
            held = await _wait_for(environment.proxy.stall_at_commit())
            if held:
                await asyncio.sleep(0.05)  # PostgreSQL commits
                await environment.kill(environment.worker)
            environment.proxy.restore()
        if held:
            await environment.start_worker()
    return held


async def worker_stopped_under_load(environment: Environment) -> bool:
    """Stop the worker with SIGTERM: it drains, while another one starts."""
    async with environment.worker_lock:
        stopping = environment.worker
        await asyncio.gather(environment.stop_worker(stopping), environment.start_worker())
    return True


async def worker_replaced_by_a_newer_build(environment: Environment) -> bool:
    async with environment.worker_lock:
        older = environment.worker
        environment.builds += 1
        await environment.start_worker()
        await environment.make_current()
        await environment.stop_worker(older)
    return True


async def temporal_killed(environment: Environment) -> bool:
    async with environment.temporal_lock:
        await environment.kill("temporal")
        await environment.start(environment.temporal)
    return True


async def postgres_killed(environment: Environment) -> bool:
    async with environment.postgres_lock:
        await environment.kill("postgres")
        await environment.start(environment.postgres)
    return True


async def postgres_refuses(environment: Environment) -> bool:
    async with environment.postgres_lock:
        environment.proxy.refuse()
        await asyncio.sleep(1.5)
        environment.proxy.restore()
    return True


async def postgres_hangs(environment: Environment) -> bool:
    async with environment.postgres_lock:
        environment.proxy.stall()
        await asyncio.sleep(1.5)
        environment.proxy.restore()
    return True


async def connections_cut_in_a_transaction(environment: Environment) -> bool:
    async with environment.postgres_lock:
        cut = await _wait_for(environment.proxy.cut_at_commit())
        environment.proxy.restore()
    return cut


async def _wait_for(event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), COMMIT_TIMEOUT_SECONDS)
    return event.is_set()


FAULTS: tuple[Fault, ...] = (
    worker_killed,
    worker_killed_between_commit_and_answer,
    worker_stopped_under_load,
    worker_replaced_by_a_newer_build,
    temporal_killed,
    postgres_killed,
    postgres_refuses,
    postgres_hangs,
    connections_cut_in_a_transaction,
)
BY_NAME: dict[str, Fault] = {fault.__name__: fault for fault in FAULTS}
