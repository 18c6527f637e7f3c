"""Measure the CPU of one transition and one delivery: `python -m benchmarks.simulate.costs`.

First the worker keeps few complaints in memory, so each act and each timer is replayed from its history. So it is
with a million complaints: few are in the memory of the worker that takes their next task. Then it keeps them all.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import psutil
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from benchmarks.load import at_once
from benchmarks.servers import NotMeasuredError, Servers, product_worker, running, servers
from benchmarks.storm import ProductStorm
from benchmarks.tables.markdown import machine, markdown
from benchmarks.workloads import LIFECYCLE_ACTS, ProductSide, until_letters_left
from complaints.records import tables
from complaints.runtime.clock import now
from complaints.runtime.exit import exit_process
from local.servers.owner import upgrade_as_owner
from local.servers.worker import NOWHERE
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack

QUEUE = "costs"
CALLERS = 8
FEW = {"COMPLAINTS_CACHED_COMPLAINTS": "24"}
"""Three times the callers: a complaint stays until its act is recorded, and is gone when its next act comes."""
ALL = {"COMPLAINTS_CACHED_COMPLAINTS": "5000"}
EACH_TAKES = 0.4
"""Seconds in which one complaint is opened and acknowledged; the deadline of all comes after that."""
MARGIN = 30.0
RECORDED_WITHIN = 300.0
DELIVERING_SECONDS = 60.0
"""How long deliveries are measured, if not all have gone before."""


class Cost(NamedTuple):
    """Milliseconds of CPU for each."""

    what: str
    worker: float
    temporal: float
    postgres: float


class Meter:
    """The CPU time of the servers and of the worker, between two readings."""

    def __init__(self, on: Servers) -> None:
        self._servers = {each.name: psutil.Process(each.process.pid) for each in Stack(on.stack.directory).entries()}
        self.costs: list[Cost] = []

    @asynccontextmanager
    async def measured(self, what: str, worker: psutil.Process, count: Callable[[], int]) -> AsyncIterator[None]:
        """Measure the block, and divide by `count`, which is asked at its end."""
        before = self._read(worker)
        yield
        spent = [1_000 * (after - earlier) / count() for earlier, after in zip(before, self._read(worker), strict=True)]
        self.costs.append(Cost(what, *spent))
        print(f"{what}: worker {spent[0]:.1f}, Temporal {spent[1]:.1f}, PostgreSQL {spent[2]:.1f} ms", file=sys.stderr)

    def _read(self, worker: psutil.Process) -> tuple[float, float, float]:
        return _seconds([worker]), _seconds([self._servers["temporal"]]), _seconds([self._servers["postgres"]])


def _seconds(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU seconds of processes and of all that they started."""
    total = 0.0
    for process in processes:
        for each in (process, *process.children(recursive=True)):
            times = each.cpu_times()
            total += times.user + times.system
        ended = process.cpu_times()
        total += ended.children_user + ended.children_system
    return total


async def measure(on: Servers, number: int) -> list[Cost]:
    """Measure openings, acts and timers of `number` complaints, then their deliveries."""
    await asyncio.to_thread(upgrade_as_owner, on.stack.database_url)
    meter = Meter(on)
    for title, cache in (("replayed", FEW), ("in memory", ALL)):
        with running(_worker(on, title.replace(" ", "-"), cache)) as worker:
            await _complaints(on, meter, worker, title, number)
    with running(_worker(on, "deliveries", FEW, on.channels)) as worker:
        waiting, left = await _waiting(on), [0]
        async with meter.measured("a delivery", worker, lambda: waiting - left[0]):
            with suppress(TimeoutError):
                async with asyncio.timeout(DELIVERING_SECONDS):
                    await until_letters_left(on.engine, "")
            left[0] = await _waiting(on)
    return meter.costs


async def _complaints(on: Servers, meter: Meter, worker: psutil.Process, title: str, number: int) -> None:
    side = ProductSide(on.client, on.engine, QUEUE)
    prefix = f"{title.replace(' ', '-')}-life-"
    await side.start(f"{prefix}warm")
    async with meter.measured(f"an opening, {title}", worker, lambda: number):
        await at_once(number, lambda each: side.start(f"{prefix}{each}"), callers=CALLERS)
        await side.settle(prefix, number + 1, 0)
    async with meter.measured(f"an act, {title}", worker, lambda: number * LIFECYCLE_ACTS):
        for act in range(LIFECYCLE_ACTS):
            await at_once(number, partial(_act, side, prefix, act), callers=CALLERS)
            await side.settle(prefix, number, act + 1)
    storm, caught = ProductStorm(on.client, on.engine, QUEUE), f"{title.replace(' ', '-')}-due-"
    due = now() + timedelta(seconds=MARGIN + number * EACH_TAKES)
    await at_once(number, lambda each: storm.open(f"{caught}{each}", due), callers=CALLERS)
    await at_once(number, partial(_act, side, caught, 0), callers=CALLERS)
    await side.settle(caught, number, 1)
    if now() >= due:
        raise NotMeasuredError(f"{number} could not be acknowledged in time; the machine is too busy")
    await asyncio.sleep((due - now()).total_seconds() - 1)
    async with meter.measured(f"a timer, {title}", worker, lambda: number), asyncio.timeout(RECORDED_WITHIN):
        while len(await storm.recorded(caught)) < number:  # noqa: ASYNC110 (the record announces nothing)
            await asyncio.sleep(1)


async def _act(side: ProductSide, prefix: str, act: int, each: int) -> None:
    """Give an act, again if a busy machine lets its task fail."""
    while True:
        with suppress(WorkflowUpdateRPCTimeoutOrCancelledError):
            return await side.act(f"{prefix}{each}", act)


def _worker(on: Servers, folder: str, settings: Mapping[str, str], channels: Mapping[str, str] = NOWHERE) -> Role:
    role = product_worker(on.stack.directory / folder, on.stack, QUEUE, channels)
    return replace(role, env={**role.env, **settings})


async def _waiting(on: Servers) -> int:
    table = tables.deliveries
    query = select(func.count()).where(table.c.sent_at.is_(None), table.c.held_at.is_(None))
    async with on.engine.connect() as connection:
        return await connection.scalar(query) or 0


async def _measure(number: int) -> list[Cost]:
    async with servers(CALLERS) as on:
        return await measure(on, number)


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate.costs", description=__doc__)
    parser.add_argument("--complaints", type=int, default=200, metavar="N")
    try:
        costs = asyncio.run(_measure(parser.parse_args(arguments).complaints))
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{machine()}.\n")
    rows = [(each.what, *(f"{figure:.1f}" for figure in each[1:])) for each in costs]
    print(markdown(("CPU, ms", "worker", "Temporal", "PostgreSQL"), rows))
    return 0


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
