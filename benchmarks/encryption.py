"""Measure a worker's processor time for a lifecycle, with and without encryption."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

import psutil

from benchmarks.load import CALLERS, Size, live
from benchmarks.plain import without_encryption
from benchmarks.servers import Servers, plain_worker, product_worker, running
from benchmarks.workloads import ProductSide

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
