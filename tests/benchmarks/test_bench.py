"""The benchmark compares two sides with one rhythm, and counts transitions as defined."""

import platform
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.histories import OF_VIRTUAL_TIME, stories, transitions, weigh
from benchmarks.load import CALLERS, QUICK
from benchmarks.make_up import from_up_to_recorded
from benchmarks.measurements import HAS_DBOS, SCRIPT_TARGETS, acts_and_storms, encryption, memory_and_replays
from benchmarks.servers import baseline_worker, running, servers
from benchmarks.tables.markdown import facts, histories_table
from benchmarks.tables.rows import LAST, Row, Target, rows_table
from benchmarks.workloads import LIFECYCLE_ACTS, BaselineSide, ProductSide, Side
from local.ephemeral_stack import EphemeralStack
from worker.replay.history_files import read_history

BASELINE_EVENTS = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_TIMER_CANCELED,
)


async def count_lifecycle_events(client: Client, side: Side, prefix: str) -> Counter[int]:
    """Count the events of one complaint by type."""
    reference = f"{prefix}0"
    await side.start(reference)
    await side.settle(prefix, 1, 0)
    for act in range(LIFECYCLE_ACTS):
        await side.act(reference, act)
    await side.settle(prefix, 1, LIFECYCLE_ACTS)
    history = await client.get_workflow_handle(reference).fetch_history()
    return Counter(event.event_type for event in history.events)


async def test_the_baseline_has_the_products_updates_and_timers_and_no_record(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, worker: Worker, tmp_path: Path
) -> None:
    with running(baseline_worker(tmp_path / "baseline", stack)):
        baseline = await count_lifecycle_events(client, BaselineSide(client), "bench-baseline-")
    product = await count_lifecycle_events(client, ProductSide(client, engine), "bench-product-")
    for kind in BASELINE_EVENTS:
        assert baseline[kind] == product[kind], EventType.Name(kind)
    assert EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES not in baseline
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED not in baseline


def test_every_event_of_a_story_is_counted_in_one_transition() -> None:
    for file in stories():
        history = read_history(file)
        counted = [event for event in history.events if event.event_type not in OF_VIRTUAL_TIME]
        sizes = transitions(history)
        assert sum(sizes) == len(counted)
        assert min(sizes) > 0


def test_the_single_process_starts_a_stack_and_records_a_complaint() -> None:
    figures = from_up_to_recorded()
    assert figures.up_to_recorded > 0
    assert set(figures.script) == set(SCRIPT_TARGETS)
    assert min(figures.nothing, *figures.script.values()) > 0


async def test_a_story_is_replayed_and_weighed() -> None:
    [weight] = await weigh(stories()[:1], replays=1)
    assert weight.title in histories_table([weight])
    assert min(weight.replay, weight.kilobytes) > 0


def test_transitions_are_the_opening_the_acts_and_the_scheduled_events() -> None:
    [story] = [file for file in stories() if file.stem == "story-answered-in-time-and-not-taken-further"]
    # Opened; two timers fired; acknowledged, replied, carried out; the window ended; and its letter went.
    assert len(transitions(read_history(story))) == 8


def test_the_table_names_the_machine_and_the_servers_without_a_path_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert " cores, " in facts()
    assert "Server" in facts()


async def test_the_product_the_baseline_and_dbos_are_measured_and_printed() -> None:
    assert HAS_DBOS
    async with servers(CALLERS) as on:
        rows = await acts_and_storms(on, QUICK, lambda _: None)
        rows += await memory_and_replays(on, QUICK, lambda _: None)
        rows += await encryption(on, QUICK, lambda _: None)
    of = {row.what: row for row in rows}
    for side in ("product", "baseline", "dbos"):
        assert getattr(of["4 deadlines at once: early"], side) == [0]
        assert getattr(of["4 deadlines at once: lost"], side) == [0]
        assert min(getattr(of["Lifecycles per second"], side)) > 0
    lifecycle = of["Processor time for a lifecycle, encrypted, ms"]
    assert min(*lifecycle.product, *lifecycle.baseline) > 0
    table = rows_table(rows, has_dbos=True)
    assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) == 1


def test_a_row_says_what_it_was_what_it_is_to_reach_and_whether_it_does() -> None:
    acts = Row("An act, ms", [25.0, 31.0, 30.0], [12.0], [11.0], Target(2.5, is_ratio=True))
    assert acts.cells({"An act, ms": 29.7}, has_dbos=True) == (
        *("An act, ms", "12.0", "30.0 (25.0 to 31.0)", "2.50 : 1", "11.0"),
        *("29.7", "at most 2.5 : 1", "yes"),
    )
    memory = Row("Memory, MB", [391.0], target=Target(250), digits=0)
    assert memory.cells({}, has_dbos=True) == ("Memory, MB", "", "391", "", "", "", "at most 250", "**no**")


def test_a_row_says_where_dbos_is_not_installed() -> None:
    assert "not installed" in Row("An act, ms", [30.0], [12.0]).cells({}, has_dbos=False)


def test_the_last_figures_name_no_host() -> None:
    assert platform.node() not in LAST.read_text().split()
