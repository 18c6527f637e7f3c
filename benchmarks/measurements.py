"""What `make bench` measures, as rows: the product, the baseline and DBOS take turns."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks.encryption import costs
from benchmarks.histories import Weight
from benchmarks.intake import BARE, INTAKE, measure
from benchmarks.kills import waits
from benchmarks.load import CALLERS, Round, Size, alternate
from benchmarks.make_up import from_up_to_recorded
from benchmarks.memory import memory
from benchmarks.recalendar import recalendar
from benchmarks.servers import Servers, running, servers
from benchmarks.storm import BaselineStorm, ProductStorm, Storm, StormSide, storms
from benchmarks.tables.markdown import Figure, p99
from benchmarks.tables.rows import Row, Target
from benchmarks.workloads import BaselineSide, ProductSide, Side, until_letters_left
from local.ephemeral_stack import ephemeral_stack
from local.servers.owner import upgrade_as_owner, upgrade_keys_as_owner

if TYPE_CHECKING:
    from dbos import DBOSClient

Tell = Callable[[str], None]
BASELINE, PRODUCT, DBOS = "baseline", "product", "DBOS"
TASK_QUEUE = "benchmark"
SCRIPT_TARGETS = {"--help": 0.3, "list": 0.4, "show": 0.4}
"""Seconds of processor time; the baseline is an interpreter that does nothing."""
HAS_DBOS = find_spec("dbos") is not None
"""Whether the optional extra `bench` is installed."""


def from_make_up(size: Size, tell: Tell) -> list[Row]:
    ups = []
    for number in range(size.ups):
        tell(f"from make up to the first recorded complaint: {number + 1} of {size.ups}")
        ups.append(from_up_to_recorded())
    nothing = [each.nothing for each in ups]
    return [
        Row("`make up` to the first recorded complaint, s", [each.up_to_recorded for each in ups], target=Target(4)),
        *(
            Row(
                f"`complaints {command}`: processor time, s",
                [each.script[command] for each in ups],
                nothing,
                target=Target(most),
                digits=2,
            )
            for command, most in SCRIPT_TARGETS.items()
        ),
    ]


async def on_servers(size: Size, tell: Tell) -> list[Row]:
    """Measure what needs workers."""
    async with servers(CALLERS) as on:
        rows = await acts_and_storms(on, size, tell)
        rows += await encryption(on, size, tell)
        rows += await kills(on, size, tell)
        rows += await memory_and_replays(on, size, tell)
    return rows


async def acts_and_storms(on: Servers, size: Size, tell: Tell) -> list[Row]:
    with ExitStack() as workers:
        workers.enter_context(running(on.product_worker(TASK_QUEUE)))
        workers.enter_context(running(on.baseline_worker()))
        sides: list[Side] = [BaselineSide(on.client), ProductSide(on.client, on.engine, TASK_QUEUE)]
        stormed: list[StormSide] = [
            BaselineStorm(on.client, on.engine),
            ProductStorm(on.client, on.engine, TASK_QUEUE),
        ]
        if HAS_DBOS:
            _add_dbos(on, workers, sides, stormed)
        rounds = await alternate(sides, size, tell, rest=partial(until_letters_left, on.engine, ProductSide.name))
        found = await storms(stormed, size.storms, size.deadlines, size.bystanders, tell)
    return [*_acts(rounds), *_storms(found, size.deadlines)]


def _add_dbos(on: Servers, workers: ExitStack, sides: list[Side], stormed: list[StormSide]) -> None:
    from benchmarks.on_dbos.side import DbosSide, DbosStorm, connect, dbos_worker  # only where it is installed

    workers.enter_context(running(dbos_worker(on.stack.directory / "dbos", on.stack)))
    client: DBOSClient = connect(on.stack)
    workers.callback(client.destroy)
    sides.append(DbosSide(client, on.engine))
    stormed.append(DbosStorm(client, on.engine))


def _acts(rounds: Mapping[str, Sequence[Round]]) -> list[Row]:
    def row(what: str, figure: Figure, target: Target | None = None) -> Row:
        of_side = {side: [figure(each) for each in rounds.get(side, ())] for side in (PRODUCT, BASELINE, DBOS)}
        return Row(what, of_side[PRODUCT], of_side[BASELINE], of_side[DBOS], target)

    return [
        row(f"An act, {CALLERS} at once: p99, ms", lambda r: p99(r.busy) * 1_000, Target(0.83, is_ratio=True)),
        row(f"An act, {CALLERS} at once: p50, ms", lambda r: median(r.busy) * 1_000),
        row("An act alone: p50, ms", lambda r: median(r.alone) * 1_000, Target(2.5, is_ratio=True)),
        row("Lifecycles per second", lambda r: r.lives_per_second),
        row("Starts per second", lambda r: r.starts_per_second),
    ]


def _storms(found: Mapping[str, Sequence[Storm]], deadlines: int) -> list[Row]:
    def row(what: str, figure: Callable[[Storm], float], target: Target, digits: int = 1) -> Row:
        of_side = {side: [figure(each) for each in found.get(side, ())] for side in (PRODUCT, BASELINE, DBOS)}
        title = f"{deadlines} deadlines at once: {what}"
        return Row(title, of_side[PRODUCT], of_side[BASELINE], of_side[DBOS], target, digits)

    return [
        row("the last on the record, s", lambda s: s.last, Target(1.7, is_ratio=True)),
        row("early", lambda s: s.early, Target(0), 0),
        row("lost", lambda s: s.lost, Target(0), 0),
        row("the slowest act meanwhile, s", lambda s: max(s.acts), Target(5), 2),
    ]


async def encryption(on: Servers, size: Size, tell: Tell) -> list[Row]:
    """Measure a worker with and without encrypted payloads, in pairs; the baseline is without."""
    found = await costs(on, size, tell)
    note = "the baseline is the product without encryption"
    what = "Processor time for a lifecycle, encrypted, ms"
    return [Row(what, found.encrypted, found.plain, target=Target(1.1, is_ratio=True), note=note)]


async def kills(on: Servers, size: Size, tell: Tell) -> list[Row]:
    tell("a worker is killed")
    found = await waits(on, size.kills)
    return [
        Row("After kill -9, an act on an idle complaint, s", found.idle, target=Target(2.5), digits=2),
        Row("After kill -9 with a task in hand, s", found.in_hand, digits=2),
    ]


async def memory_and_replays(on: Servers, size: Size, tell: Tell) -> list[Row]:
    tell(f"memory of {size.open_complaints:,} open")
    found = await memory(on, size.open_complaints, size.replayed)
    halves = f"{found.idle:.0f} idle, {found.half:.0f} with half of them open"
    return [
        Row(f"Memory, {size.open_complaints:,} open, MB", [found.full], target=Target(250), digits=0, note=halves),
        Row("An act in the cache: p50, ms", [median(found.cached) * 1_000]),
        Row("An act out of the cache, replayed: p50, ms", [median(found.replayed) * 1_000]),
    ]


def replays(weights: Sequence[Weight]) -> list[Row]:
    each = sum(w.events for w in weights) / sum(w.transitions for w in weights)
    return [
        Row("History of a whole story, mean, kB", [mean(w.kilobytes for w in weights)], target=Target(30)),
        Row("History events per transition", [each]),
        Row("Replay of a story, mean, ms", [mean(w.replay for w in weights) * 1_000]),
    ]


def accepting(size: Size, tell: Tell) -> list[Row]:
    """Measure the intake service; the baseline is bare calls of `start_workflow`."""
    with ephemeral_stack() as stack:
        upgrade_as_owner(stack.database_url)
        upgrade_keys_as_owner(stack.keys_url)
        speeds = asyncio.run(measure(stack, size, tell))
    times = {side: [1_000 / speed for speed in speeds[side]] for side in (INTAKE, BARE)}
    what = f"Accepting one over HTTP, {CALLERS} at once, ms"
    return [Row(what, times[INTAKE], times[BARE], target=Target(1.5, is_ratio=True), digits=2)]


async def redating(size: Size, tell: Tell) -> list[Row]:
    """Measure a holiday that changes the dates of a tenth of the complaints."""
    affected = max(3, size.redated // 10)  # a third of these come before the kill
    async with servers(CALLERS) as on:
        await asyncio.to_thread(upgrade_as_owner, on.stack.database_url)
        found = await recalendar(
            on.stack, on.client, on.engine, on.stack.directory, affected, size.redated - affected, tell
        )
    return [
        Row(f"Re-dating {affected:,} of {size.redated:,}, one worker killed, s", [found.redated_in]),
        Row("An act meanwhile: longest, s", [max(found.acts)]),
    ]
