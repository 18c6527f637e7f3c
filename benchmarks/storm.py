"""Measure a storm: many deadlines at the same instant, and acts that are sent meanwhile.

Run alone as `python -m benchmarks.storm`. Time is real; every complaint has a policy whose manager replies
within seconds, and the same instant of receipt.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from time import perf_counter
from typing import Protocol

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from benchmarks import baseline
from benchmarks.load import CALLERS, at_once
from benchmarks.servers import NotMeasuredError, running, servers
from benchmarks.workloads import LOOK_EVERY, BaselineSide, ProductSide, Side, form, until_letters_left
from complaints.policies.loader import load_policy
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.records import tables
from complaints.runtime.clock import now
from complaints.runtime.exit import exit_process
from local.supervisor.roles import StackError

REPLY_WITHIN = 3_600
"""Seconds from the receipt to the deadline; the receipt lies so far back that it comes when it should."""
LOST_AFTER = 180.0
"""Seconds after the deadline."""
OPENING_MARGIN = 1.5
"""Times as long as the bystanders took."""
BYSTANDERS = 20


@dataclass(frozen=True)
class Storm:
    """What one storm took; the times are in seconds."""

    last: float
    """From the deadline to the last one on the record."""
    early: int
    """Recorded before the deadline."""
    lost: int
    acts: Sequence[float]
    """The time of each act that was sent during the storm, one after another."""


class StormSide(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def letters_take(self) -> float:
        """Seconds in which the letters and alerts of one opening leave, with a margin."""

    @property
    def lifecycle(self) -> Side:
        """Whose acts are sent during the storm."""

    async def open(self, reference: str, due: datetime) -> None:
        """Start what has its deadline at `due`."""

    async def are_open(self, prefix: str, number: int) -> None:
        """Wait until all are ready for their deadline."""

    async def recorded(self, prefix: str) -> list[datetime]:
        """Return when each deadline was recorded as passed."""

    async def settle(self, prefix: str) -> None:
        """Wait until the storm has left nothing to do."""


@dataclass(frozen=True)
class BaselineStorm:
    client: Client
    engine: AsyncEngine
    name: str = "baseline"
    letters_take: float = 0

    @property
    def lifecycle(self) -> Side:
        return BaselineSide(self.client)

    async def open(self, reference: str, due: datetime) -> None:
        workflow = baseline.BaselineWorkflow.run
        await self.client.start_workflow(workflow, due, id=reference, task_queue=baseline.TASK_QUEUE)

    async def are_open(self, prefix: str, number: int) -> None:
        await self.lifecycle.settle(prefix, number, 0)

    async def recorded(self, prefix: str) -> list[datetime]:
        query = text("SELECT recorded_at FROM benchmark.deadlines WHERE starts_with(reference, :prefix)")
        async with self.engine.connect() as connection:
            return list(await connection.scalars(query, {"prefix": prefix}))

    async def settle(self, prefix: str) -> None:
        """Return at once: the baseline sends nothing."""


def storm_policy() -> Policy:
    """Return the shipped policy with a reply due within seconds.

    A lapse is alerted, and a letter goes at once.
    """
    policy = load_policy()
    first, *others = policy.tiers
    assert first.reply is not None
    terms = first.reply.model_copy(update={"within": Allowance(seconds=REPLY_WITHIN)})
    return policy.model_copy(update={"tiers": (first.model_copy(update={"reply": terms}), *others)})


@dataclass(frozen=True)
class ProductStorm:
    client: Client
    engine: AsyncEngine
    task_queue: str = "complaints"
    name: str = "product"
    letters_take: float = 0.2

    @property
    def lifecycle(self) -> ProductSide:
        return ProductSide(self.client, self.engine, self.task_queue)

    async def open(self, reference: str, due: datetime) -> None:
        received_at = due - timedelta(seconds=REPLY_WITHIN)
        await self.lifecycle.open(form(reference, received_at), storm_policy())

    async def are_open(self, prefix: str, number: int) -> None:
        await self.lifecycle.settle(prefix, number, 0)

    async def recorded(self, prefix: str) -> list[datetime]:
        return await recorded_lapses(self.engine, prefix)

    async def settle(self, prefix: str) -> None:
        await until_letters_left(self.engine, prefix)


async def recorded_lapses(engine: AsyncEngine, prefix: str) -> list[datetime]:
    """Return when each lapse was recorded."""
    table = tables.events
    lapses = table.c.kind == str(EventKind.LAPSED)
    async with engine.connect() as connection:
        return list(
            await connection.scalars(select(table.c.recorded_at).where(table.c.reference.startswith(prefix), lapses))
        )


async def storm(side: StormSide, prefix: str, number: int, bystanders: int, tell: Callable[[str], None]) -> Storm:
    """Open complaints, await their deadline, and act until the last is on the record.

    Half of the acts concern bystanders, whose deadline is far away; the others complaints whose deadline has just
    passed. The letters of the openings have left by then. Raises NotMeasuredError.
    """
    calm, caught = f"{prefix}-calm-", f"{prefix}-due-"
    begun = perf_counter()
    await at_once(bystanders, lambda each: side.lifecycle.start(f"{calm}{each}"))
    await side.lifecycle.settle(calm, bystanders, 0)
    each_takes = OPENING_MARGIN * (perf_counter() - begun) / bystanders + side.letters_take
    await side.settle(calm)
    due = now() + timedelta(seconds=2 + number * each_takes)
    tell(f"{prefix}: {number} deadlines in {(due - now()).total_seconds():.0f} s")
    await at_once(number, lambda each: side.open(f"{caught}{each}", due))
    await side.are_open(caught, number)
    await side.settle(caught)
    if now() >= due:
        raise NotMeasuredError(f"{number} could not be opened in time; the machine is too busy")
    await asyncio.sleep((due - now()).total_seconds())
    over = asyncio.Event()
    acting = asyncio.create_task(_act(side.lifecycle, _alternate(calm, caught, bystanders, number), over))
    recorded = await _all_recorded(partial(side.recorded, caught), number)
    over.set()
    acts = await acting
    await side.settle(prefix)
    early = [at for at in recorded if at < due]
    last = (max(recorded) - due).total_seconds() if recorded else LOST_AFTER
    return Storm(last, len(early), number - len(recorded), acts)


async def _all_recorded(fetch: Callable[[], Awaitable[list[datetime]]], number: int) -> list[datetime]:
    """Return when each was recorded, once all are or the rest counts as lost."""
    given_up = perf_counter() + LOST_AFTER
    while True:
        recorded = await fetch()
        if len(recorded) >= number or perf_counter() > given_up:
            return recorded
        await asyncio.sleep(LOOK_EVERY)


async def _act(side: Side, references: Sequence[str], over: asyncio.Event) -> list[float]:
    """Give each the first act, in turn, until the storm is over; return the seconds of each.

    Temporal answers none later than after ten seconds; then the act is given again.
    """
    taken = []
    for reference in references:
        begun, is_answered = perf_counter(), False
        while not is_answered:
            with suppress(WorkflowUpdateRPCTimeoutOrCancelledError):
                await side.act(reference, 0)
                is_answered = True
        taken.append(perf_counter() - begun)
        if over.is_set():
            break
    return taken


def _alternate(calm: str, caught: str, bystanders: int, number: int) -> list[str]:
    """Return the references on which to act, in order; those caught are spread over all."""
    step = max(1, number // bystanders)
    return list(chain.from_iterable((f"{calm}{each}", f"{caught}{each * step}") for each in range(bystanders)))


async def storms(
    sides: Sequence[StormSide], rounds: int, number: int, bystanders: int, tell: Callable[[str], None]
) -> dict[str, list[Storm]]:
    """Measure the sides in turn, each first in every other round."""
    measured: dict[str, list[Storm]] = {side.name: [] for side in sides}
    for each in range(rounds):
        for side in reversed(sides) if each % 2 else sides:
            measured[side.name].append(await storm(side, f"{side.name}-storm-{each}", number, bystanders, tell))
    return measured


async def _measure(rounds: int, number: int) -> None:
    async with servers(CALLERS) as on:
        with running(on.baseline_worker()), running(on.product_worker("storm")):
            sides = BaselineStorm(on.client, on.engine), ProductStorm(on.client, on.engine, "storm")
            measured = await storms(sides, rounds, number, BYSTANDERS, lambda what: print(what, file=sys.stderr))
    for name, each in measured.items():
        for one in each:
            print(
                f"{name}: the last after {one.last:.1f} s, {one.early} early, {one.lost} lost; "
                f"{len(one.acts)} acts, the slowest {max(one.acts):.2f} s"
            )


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--complaints", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args(arguments)
    try:
        asyncio.run(_measure(given.rounds, given.complaints))
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
