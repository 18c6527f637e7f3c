"""Measure a holiday announced late, with many complaints open and a worker killed midway.

Run as `python -m benchmarks.recalendar`. Some replies are due after the holiday, the others before it. The former
must be recalculated first, and be due a working day later. Each complaint must get the calendar once. Acts on other
complaints are timed meanwhile.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic, perf_counter
from typing import NamedTuple
from uuid import uuid4

import psutil
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from benchmarks.load import CALLERS, at_once
from benchmarks.servers import NotMeasuredError, product_worker, running
from benchmarks.workloads import form
from complaints.calendars.builder import calendar_for
from complaints.encryption.key_ring import open_key_ring
from complaints.policies.loader import load_policy
from complaints.procedure.acts import AddInformation
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.records import tables
from complaints.records.calendar_amendments import add_amendment, list_amendments
from complaints.records.database import make_engine
from complaints.records.queries import find_complaint
from complaints.runtime.clock import now
from complaints.runtime.exit import exit_process
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, ephemeral_stack
from local.servers.owner import upgrade_as_owner
from starter.client.open_complaint import open_complaint
from starter.client.send_act import send_update
from starter.service.administration.recalendar import start
from workflows import names

TASK_QUEUE = "recalendar"
REGION = "scotland"
BY = "lead.manager"
"""A lead of the sample directory, which the worker imports."""
LATE, MOVED, KEPT, ACTED = "late-", "late-moved-", "late-kept-", "acted-"
"""Prefixes: both kinds; complaints whose reply moves; whose dates stay; and those with another calendar."""
HOLIDAY = 6
"""The holiday, in working days from today; a reply moves that is due after it."""
KEPT_SINCE = 6
"""The other complaints were received so many working days ago, so that their reply is due before it."""
ACTED_COMPLAINTS = 20
ACT_EVERY = 0.25
ANSWERED_WITHIN = 60.0
LOOK_EVERY = 0.05
RECORDED_WITHIN = 7_200.0
"""Seconds."""


class RecalendarFigures(NamedTuple):
    """The figures of one run."""

    affected: int
    """Complaints whose dates change."""
    kept: int
    """The others."""
    opened_in: float
    redated_in: float
    """Seconds from the command to the record of the last affected one, the killed worker included."""
    recalculated_before_kill: int
    later_in: float
    """Seconds from there to the record of the last one of all."""
    recalculated: dict[int, int]
    """Number of complaints by how often they were recalculated."""
    found: tuple[int, int]
    """How many the run found affected, and not affected."""
    moved: int
    """Replies that are due a working day later than before."""
    acts: list[float]
    """Seconds that each act on another complaint took while dates were recalculated by a worker."""
    acts_later: list[float]
    """The same while the others got the calendar."""

    @property
    def is_right(self) -> bool:
        once = self.recalculated == {1: self.affected + self.kept}
        return once and self.moved == self.affected and self.found == (self.affected, self.kept)


def policy(region: str = REGION) -> Policy:
    """Return a policy of a region that nothing else measured has."""
    return load_policy().model_copy(update={"region": region})


def working_day(number: int) -> date:
    """Return the region's working day so many after today; negative: before."""
    calendar, today = calendar_for(policy(), now(), now()), now().date()
    return calendar.working_day_after(today, number) if number > 0 else calendar.working_day_before(today, -number)


async def recalendar(
    stack: EphemeralStack,
    client: Client,
    engine: AsyncEngine,
    folder: Path,
    affected: int,
    kept: int,
    tell: Callable[[str], None],
) -> RecalendarFigures:
    """Open complaints, amend the calendar, recalculate all, and kill the worker after a third."""
    before, after, holiday = working_day(10), working_day(11), working_day(HOLIDAY)
    received = datetime.combine(working_day(-KEPT_SINCE), time(12), UTC)
    begun = perf_counter()
    acts: list[float] = []
    acts_later: list[float] = []
    with running(product_worker(folder / "first", stack, TASK_QUEUE)) as process:
        tell(f"opening {affected + kept:,}")
        await at_once(affected, partial(_open, client, engine, MOVED, policy(), None))
        await at_once(kept, partial(_open, client, engine, KEPT, policy(), received))
        await at_once(ACTED_COMPLAINTS, partial(_open, client, engine, ACTED, policy("england-and-wales"), None))
        for prefix, number in ((MOVED, affected), (KEPT, kept), (ACTED, ACTED_COMPLAINTS)):
            await _until(partial(_recorded, engine, prefix, EventKind.OPENED), number)
        opened_in = perf_counter() - begun
        await add_amendment(
            engine, region=REGION, on=holiday, name="State funeral", by=BY, at=now(), reason="Announced late."
        )
        tell("recalculating")
        begun = perf_counter()
        run = await start(client, engine, BY, TASK_QUEUE)
        async with _acting(client, acts):
            recalculated = await _until(partial(_recorded, engine, MOVED, "recalendar"), affected // 3)
        _kill(process)
        tell(f"killed the worker when {recalculated:,} had been recalculated")
    with running(product_worker(folder / "second", stack, TASK_QUEUE)):
        async with _acting(client, acts):
            result = await run.result()
            await _until(partial(_recorded, engine, MOVED, "recalendar"), affected)
        redated_in = perf_counter() - begun
        tell("giving the others the calendar")
        begun = perf_counter()
        async with _acting(client, acts_later):
            if kept:
                await client.get_workflow_handle(names.RECALENDAR_LATER_ID).result()
            await _until(partial(_recorded, engine, KEPT, "recalendar"), kept)
        later_in = perf_counter() - begun
        await _until(partial(_due, engine, after), affected)
    assert await _due(engine, before) == 0, "none is left"
    found = result.affected, result.later
    counts, moved = await _recalculation_counts(engine), await _due(engine, after)
    return RecalendarFigures(
        affected, kept, opened_in, redated_in, recalculated, later_in, counts, found, moved, acts, acts_later
    )


async def _open(
    client: Client, engine: AsyncEngine, prefix: str, policy: Policy, received_at: datetime | None, number: int
) -> None:
    await open_complaint(
        client,
        form(f"{prefix}{number}", received_at),
        policy=policy,
        now=now(),
        opened_by="bench",
        find=partial(find_complaint, engine),
        amended=partial(list_amendments, engine),
        task_queue=TASK_QUEUE,
    )


@asynccontextmanager
async def _acting(client: Client, durations: list[float]) -> AsyncIterator[None]:
    """Time acts on complaints with another calendar for the length of a `with` block."""
    stopping = asyncio.Event()

    async def act() -> None:
        for number in count():
            note = AddInformation(id=f"note {uuid4()}", by=BY, note="They rang.")
            begun = perf_counter()
            await send_update(client, f"{ACTED}{number % ACTED_COMPLAINTS}", note, ANSWERED_WITHIN)
            durations.append(perf_counter() - begun)
            await asyncio.wait([waiting], timeout=ACT_EVERY)
            if stopping.is_set():
                break

    waiting = asyncio.create_task(stopping.wait())
    acting = asyncio.create_task(act())
    try:
        yield
    finally:
        stopping.set()
        await acting


def _kill(process: psutil.Process) -> None:
    """Kill the worker and its child processes."""
    for each in (*process.children(recursive=True), process):
        each.kill()
    process.wait()


async def _until(count_now: Callable[[], Awaitable[int]], number: int) -> int:
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            found = await count_now()
            if found >= number:
                return found
            await asyncio.sleep(LOOK_EVERY)


async def _recorded(engine: AsyncEngine, prefix: str, kind: str) -> int:
    table = tables.events
    wanted = select(func.count()).where(table.c.reference.startswith(prefix), table.c.kind == str(kind))
    async with engine.connect() as connection:
        return await connection.scalar(wanted) or 0


async def _due(engine: AsyncEngine, on: date) -> int:
    table = tables.deadlines
    wanted = select(func.count()).where(
        table.c.reference.startswith(MOVED), table.c.kind == "reply", table.c.due_on == on, table.c.first_on == on
    )
    async with engine.connect() as connection:
        return await connection.scalar(wanted) or 0


async def _recalculation_counts(engine: AsyncEngine) -> dict[int, int]:
    table = tables.events
    each = (
        select(func.count().label("times"))
        .where(table.c.reference.startswith(LATE), table.c.kind == "recalendar")
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
    parser.add_argument("--affected", type=int, help="how many of them have a date that changes; else a tenth")
    options = parser.parse_args(arguments)
    affected = options.complaints // 10 if options.affected is None else options.affected
    try:
        figures = asyncio.run(_measure(affected, options.complaints - affected))
    except (NotMeasuredError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{figures.affected + figures.kept:,} opened in {figures.opened_in:.0f} s.")
    print(f"{figures.affected:,} recalculated in {figures.redated_in:.0f} s, one worker killed midway.")
    print(f"Acts on other complaints meanwhile: {_of(figures.acts)}.")
    print(f"{figures.kept:,} more had the calendar {figures.later_in:.0f} s later.")
    print(f"Acts on other complaints meanwhile: {_of(figures.acts_later)}.")
    print(f"Recalculated how often: {figures.recalculated}; replies moved: {figures.moved:,}.")
    return 0 if figures.is_right else 1


def _of(durations: list[float]) -> str:
    if not durations:
        return "none"
    ordered = sorted(durations)
    p50, p99 = (ordered[int((len(ordered) - 1) * part)] for part in (0.5, 0.99))
    return f"{len(ordered):,}, p50 {p50:.2f} s, p99 {p99:.2f} s, longest {ordered[-1]:.2f} s"


async def _measure(affected: int, kept: int) -> RecalendarFigures:
    with ephemeral_stack() as stack:
        await asyncio.to_thread(upgrade_as_owner, stack.database_url)
        async with open_key_ring(Settings.read(stack.key_settings)) as keys:
            engine = make_engine(stack.database_url, keys=keys, pool_size=CALLERS, command_timeout_seconds=60)
            try:
                client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
                return await recalendar(stack, client, engine, stack.directory, affected, kept, _tell)
            finally:
                await engine.dispose()


def _tell(what: str) -> None:
    print(f"{monotonic() - begun:4.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
