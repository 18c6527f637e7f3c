"""Measure how long an act waits when the worker of its complaint is killed (SIGKILL).

Another worker of the same queue runs already. An idle complaint waits for the timeout of the killed worker's
sticky queue. A task that the killed worker had in hand waits for the task's own timeout.
"""

import asyncio
import os
import signal
from time import perf_counter
from typing import NamedTuple

import psutil

from benchmarks.servers import Servers, running
from benchmarks.workloads import ProductSide

HANDED_OVER_AFTER = 1.0
"""Seconds in which Temporal hands the task to the worker, which is frozen, and so cannot answer it."""


class Waits(NamedTuple):
    """Seconds from sending an act to its answer, by round."""

    idle: list[float]
    in_hand: list[float]


async def waits(on: Servers, rounds: int) -> Waits:
    measured = Waits([], [])
    for number in range(rounds):
        workers_run = asyncio.Barrier(2)
        idle, in_hand = await asyncio.gather(
            _wait(on, f"kill-idle-{number}", workers_run, with_task=False),
            _wait(on, f"kill-in-hand-{number}", workers_run, with_task=True),
        )
        measured.idle.append(idle)
        measured.in_hand.append(in_hand)
    return measured


async def _wait(on: Servers, name: str, workers_run: asyncio.Barrier, *, with_task: bool) -> float:
    """Return the seconds of an act around which the first of two workers is killed."""
    side = ProductSide(on.client, on.engine, name)
    with running(on.product_worker(name, f"{name}-first")) as holder:
        await side.start(f"{name}-0")
        await side.settle(f"{name}-", 1, 0)
        await side.act(f"{name}-0", 0)
        await side.settle(f"{name}-", 1, 1)
        with running(on.product_worker(name, f"{name}-second")):
            await workers_run.wait()
            if with_task:
                _send(holder, signal.SIGSTOP)
                begun = perf_counter()
                act = asyncio.create_task(side.act(f"{name}-0", 1))
                await asyncio.sleep(HANDED_OVER_AFTER)
                _send(holder, signal.SIGKILL)
            else:
                _send(holder, signal.SIGKILL)
                await asyncio.to_thread(holder.wait)
                begun = perf_counter()
                act = asyncio.create_task(side.act(f"{name}-0", 1))
            await act
            return perf_counter() - begun


def _send(worker: psutil.Process, what: signal.Signals) -> None:
    for process in (*worker.children(recursive=True), worker):
        os.kill(process.pid, what)
