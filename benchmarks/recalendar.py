"""Measure a holiday announced late, with many complaints open and a worker killed midway.

Run as `python -m benchmarks.recalendar`. Each complaint must be recalculated once, and its reply be due a
working day later.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import NamedTuple

import psutil
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.calendar.recalendar import start
from benchmarks.load import CALLERS, at_once
from benchmarks.servers import NotMeasuredError, product_worker, running
from benchmarks.workloads import form
from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.records import tables
from complaints.records.calendar_amendments import add_amendment, list_amendments
from complaints.records.database import make_engine
from complaints.records.queries import find_complaint
from complaints.runtime.clock import now
from complaints.runtime.exit import exit_process
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, ephemeral_stack
from local.servers.owner import upgrade_as_owner
from starter.client.open_complaint import open_complaint

TASK_QUEUE = "recalendar"
REGION = "scotland"
BY = "m.okafor"
"""A lead of the sample directory, which the worker imports."""
PREFIX = "late-"
LOOK_EVERY = 0.05
RECORDED_WITHIN = 3_600.0
"""Seconds."""


class RecalendarFigures(NamedTuple):
    """The figures of one run."""

    complaints: int
    opened_in: float
    redated_in: float
    """Seconds from the command to the last complaint on the record, the killed worker included."""
    recalculated_before_kill: int
    recalculated: dict[int, int]
    """Number of complaints by how often they were recalculated."""
    moved: int
    """Replies that are due a working day later than before."""

    @property
    def is_right(self) -> bool:
        return self.recalculated == {1: self.complaints} and self.moved == self.complaints


def policy() -> Policy:
    """Return a policy of a region that nothing else measured has."""
    return load_policy().model_copy(update={"region": REGION})


def working_day(number: int) -> date:
    """Return the region's next working day."""
    return calendar_for(policy(), now(), now()).working_day_after(now().date(), number)


async def recalendar(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, folder: Path, number: int, tell: Callable[[str], None]
) -> RecalendarFigures:
    """Open complaints, amend the calendar, recalculate all, and kill the worker after a third."""
    before, after, holiday = working_day(10), working_day(11), working_day(6)
    begun = perf_counter()
    with running(product_worker(folder / "first", stack, TASK_QUEUE)) as process:
        tell(f"opening {number:,}")
        await at_once(number, partial(_open, client, engine))
        await _until(partial(_recorded, engine, EventKind.OPENED), number)
        opened_in = perf_counter() - begun
        await add_amendment(
            engine, region=REGION, on=holiday, name="State funeral", by=BY, at=now(), reason="Announced late."
        )
        tell("recalculating")
        begun = perf_counter()
        run = await start(client, BY, TASK_QUEUE)
        recalculated = await _until(partial(_recorded, engine, "recalendar"), number // 3)
        _kill(process)
        tell(f"killed the worker when {recalculated:,} had been recalculated")
    with running(product_worker(folder / "second", stack, TASK_QUEUE)):
        await run.result()
        await _until(partial(_recorded, engine, "recalendar"), number)
        took = perf_counter() - begun
        await _until(partial(_due, engine, after), number)
    assert await _due(engine, before) == 0, "none is left"
    return RecalendarFigures(
        number, opened_in, took, recalculated, await _recalculation_counts(engine), await _due(engine, after)
    )


async def _open(client: Client, engine: AsyncEngine, number: int) -> None:
    await open_complaint(
        client,
        form(f"{PREFIX}{number}"),
        policy=policy(),
        now=now(),
        opened_by="bench",
        find=partial(find_complaint, engine),
        amended=partial(list_amendments, engine),
        task_queue=TASK_QUEUE,
    )


def _kill(process: psutil.Process) -> None:
    """Kill the worker and its child processes."""
    for each in (*process.children(recursive=True), process):
        each.kill()
    process.wait()


async def _until(count: Callable[[], object], number: int) -> int:
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            found: int = await count()  # type: ignore[misc]
            if found >= number:
                return found
            await asyncio.sleep(LOOK_EVERY)


async def _recorded(engine: AsyncEngine, kind: str) -> int:
    table = tables.events
    wanted = select(func.count()).where(table.c.reference.startswith(PREFIX), table.c.kind == str(kind))
    async with engine.connect() as connection:
        return await connection.scalar(wanted) or 0


async def _due(engine: AsyncEngine, on: date) -> int:
    table = tables.deadlines
    wanted = select(func.count()).where(
        table.c.reference.startswith(PREFIX), table.c.kind == "reply", table.c.due_on == on, table.c.first_on == on
    )
    async with engine.connect() as connection:
        return await connection.scalar(wanted) or 0


async def _recalculation_counts(engine: AsyncEngine) -> dict[int, int]:
    table = tables.events
    each = (
        select(func.count().label("times"))
        .where(table.c.reference.startswith(PREFIX), table.c.kind == "recalendar")
        .group_by(table.c.reference)
        .subquery()
    )
    async with engine.connect() as connection:
        rows = await connection.execute(select(each.c.times, func.count()).group_by(each.c.times))
        return {row[0]: row[1] for row in rows}


begun = monotonic()


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 if each complaint was recalculated once and its reply moved."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recalendar", description=__doc__)
    parser.add_argument("--complaints", type=int, default=10_000)
    number = parser.parse_args(arguments).complaints
    try:
        figures = asyncio.run(_measure(number))
    except (NotMeasuredError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    per_second = figures.complaints / figures.redated_in
    print(f"{figures.complaints:,} opened in {figures.opened_in:.0f} s.")
    print(f"Recalculated in {figures.redated_in:.0f} s ({per_second:.0f} a second), one worker killed midway.")
    print(f"Recalculated how often: {figures.recalculated}; replies moved: {figures.moved:,}.")
    return 0 if figures.is_right else 1


async def _measure(number: int) -> RecalendarFigures:
    with ephemeral_stack() as stack:
        await asyncio.to_thread(upgrade_as_owner, stack.database_url)
        client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address})
        engine = make_engine(stack.database_url, pool_size=CALLERS, command_timeout_seconds=60)
        try:
            return await recalendar(stack, client, engine, stack.directory, number, _tell)
        finally:
            await engine.dispose()


def _tell(what: str) -> None:
    print(f"{monotonic() - begun:4.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
