"""Faults: each breaks one thing, and repairs it before it returns."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from chaos.environment import Environment
from chaos.plan import FaultName
from chaos.restores import postgres_restored, temporal_restored, terminated

COMMIT_TIMEOUT_SECONDS = 4.0
"""If no transition is recorded in this time, the fault has nothing to interrupt."""
KEYS_AWAY_SECONDS = 5.0
"""Longer than a worker takes to read new keys, and than the storm."""

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


async def keys_away(environment: Environment) -> bool:
    """Give each complaint a new key, then cut off the key store and the key-encryption service.

    The worker does not know these keys yet. So acts wait for it, and workflow tasks fail meanwhile.
    """
    async with environment.restore_lock, environment.worker_lock, environment.postgres_lock:
        await asyncio.gather(*(environment.ring.rotate(sender.driver.reference) for sender in environment.senders))
        with environment.keys_cut_off():
            await asyncio.sleep(KEYS_AWAY_SECONDS)
    return True


async def _wait_for(event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), COMMIT_TIMEOUT_SECONDS)
    return event.is_set()


BY_NAME: Mapping[FaultName, Fault] = {
    FaultName.WORKER_KILLED: worker_killed,
    FaultName.WORKER_KILLED_BETWEEN_COMMIT_AND_ANSWER: worker_killed_between_commit_and_answer,
    FaultName.WORKER_STOPPED_UNDER_LOAD: worker_stopped_under_load,
    FaultName.WORKER_REPLACED_BY_A_NEWER_BUILD: worker_replaced_by_a_newer_build,
    FaultName.TEMPORAL_KILLED: temporal_killed,
    FaultName.POSTGRES_KILLED: postgres_killed,
    FaultName.POSTGRES_REFUSES: postgres_refuses,
    FaultName.POSTGRES_HANGS: postgres_hangs,
    FaultName.CONNECTIONS_CUT_IN_A_TRANSACTION: connections_cut_in_a_transaction,
    FaultName.KEYS_AWAY: keys_away,
    FaultName.TERMINATED: terminated,
    FaultName.TEMPORAL_RESTORED_FROM_AN_OLDER_COPY: temporal_restored,
    FaultName.POSTGRES_RESTORED_FROM_AN_OLDER_COPY: postgres_restored,
}
