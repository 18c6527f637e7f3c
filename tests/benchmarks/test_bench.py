"""The benchmark compares two sides with one rhythm, and counts transitions as defined."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.histories import OF_VIRTUAL_TIME, stories, transitions, weigh
from benchmarks.load import QUICK, alternate
from benchmarks.markdown import facts, histories_table, sides_table
from benchmarks.servers import baseline_worker, running
from benchmarks.single_process import from_up_to_recorded, memory
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
    assert from_up_to_recorded() > 0


def test_transitions_are_the_opening_the_acts_and_the_scheduled_events() -> None:
    [story] = [file for file in stories() if file.stem == "story-answered-in-time-and-not-taken-further"]
    # Opened; two timers fired; acknowledged, replied, carried out; the window ended; and its letter went.
    assert len(transitions(read_history(story))) == 8


def test_the_table_names_the_machine_and_the_servers_without_a_path_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert " cores, " in facts()
    assert "Server" in facts()


async def test_the_measurements_are_printed_as_tables(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, worker: Worker, tmp_path: Path
) -> None:
    with running(baseline_worker(tmp_path / "baseline", stack)):
        rounds = await alternate([BaselineSide(client), ProductSide(client, engine)], QUICK, lambda _: None)
    assert [len(of_side) for of_side in rounds.values()] == [QUICK.rounds] * 2
    for measured in (*rounds["baseline"], *rounds["product"]):
        assert len(measured.busy) == QUICK.lives * LIFECYCLE_ACTS
        assert min(measured.alone + measured.busy) > 0
    table = sides_table(rounds, await memory(stack, client, QUICK.open_complaints))
    assert "| Lifecycles per second |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1
    [weight] = await weigh(stories()[:1], replays=1)
    assert weight.title in histories_table([weight])
    assert weight.replay > 0
