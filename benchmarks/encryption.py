"""Measure a worker's processor time for a lifecycle, with and without encryption."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

import psutil
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from benchmarks.load import CALLERS, Size, live
from benchmarks.plain import without_encryption
from benchmarks.servers import NotMeasuredError, Servers, plain_worker, product_worker, running, servers
from benchmarks.workloads import ProductSide
from complaints.runtime.exit import exit_process
from local.servers.owner import upgrade_as_owner
from local.supervisor.roles import StackError

ENCRYPTED, PLAIN = "encrypted", "plain"


class Costs(NamedTuple):
    """Milliseconds of a worker's processor time for each lifecycle, by round."""

    encrypted: list[float]
    plain: list[float]


async def costs(on: Servers, size: Size, tell: Callable[[str], None]) -> Costs:
    """Let two workers take turns, in pairs of the same lifecycles; the first pair warms up."""
    found = Costs([], [])
    with ExitStack() as workers:
        folder = on.stack.directory
        encrypting = workers.enter_context(running(product_worker(folder / ENCRYPTED, on.stack, ENCRYPTED)))
        plain = workers.enter_context(running(plain_worker(folder / PLAIN, on.stack, PLAIN)))
        turns = [
            (ProductSide(on.client, on.engine, ENCRYPTED, ENCRYPTED), encrypting, found.encrypted),
            (ProductSide(without_encryption(on.client), on.engine, PLAIN, PLAIN), plain, found.plain),
        ]
        for pair in range(size.pairs + 1):
            tell(f"lifecycles with and without encryption: {pair} of {size.pairs}")
            for side, worker, figures in turns if pair % 2 else reversed(turns):
                before = _seconds(worker)
                await live(side, f"{side.name}-{pair}-", size.lives, [], callers=CALLERS)
                if pair:
                    figures.append(1_000 * (_seconds(worker) - before) / size.lives)
    return found


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _measure() -> None:
    async with servers(CALLERS) as on:
        await asyncio.to_thread(upgrade_as_owner, on.stack.database_url)
        found = await costs(on, Size(), lambda what: print(what, file=sys.stderr))
    for name, figures in found._asdict().items():
        print(f"{name}: {median(figures):.1f} ms ({min(figures):.1f} to {max(figures):.1f})")
    print(f"{median(found.encrypted) / median(found.plain):.2f} : 1")


def main() -> int:
    """Return the exit code."""
    try:
        asyncio.run(_measure())
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    exit_process(main())
