"""A transition is written once and whole, in any order and on every retry."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from time import monotonic

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Code, EventKind
from complaints.procedure.views.views import (
    MAX_EVENTS_IN_TRANSITION,
    Transition,
    complaint_history_of,
    transition_since,
)
from complaints.records import queries, tables
from complaints.records.database import RecordError, RecordUnreachableError
from complaints.records.transitions import RecordBehindError, write_transition
from tests.records.sample_complaints import RECEIVED, long_story, opened, withdrawn
from tests.records.table_dump import count, everything

OF_OTHER_WRITERS = {"audit_leaves", "tombstones", "holds", "readings"}


def transitions() -> list[Transition]:
    """List the transitions of the long story, in order."""
    steps = [complaint.state.model_copy(deep=True) for complaint in long_story()]
    sequences = [0, *(state.sequence for state in steps)]
    pairs = [pair for pair in pairwise(sequences) if pair[0] < pair[1]]
    by_sequence = {state.sequence: state for state in steps}
    return [transition_since(Complaint(by_sequence[after]), before) for before, after in pairs]


async def test_a_transition_written_twice_is_recorded_once(engine: AsyncEngine) -> None:
    for transition in transitions():
        await write_transition(engine, transition)
    once = await everything(engine)
    for transition in transitions():
        await write_transition(engine, transition)
    assert await everything(engine) == once
    of_complaints = {table.name for table in tables.metadata.tables.values() if "reference" in table.c}
    assert {name for name in of_complaints if not once[name]} == OF_OTHER_WRITERS


async def test_an_event_keeps_the_instant_at_which_it_was_first_recorded(engine: AsyncEngine) -> None:
    complaint = opened()
    first, later = RECEIVED + timedelta(days=1), RECEIVED + timedelta(days=2)
    transition = transition_since(complaint, 0)
    written = await write_transition(engine, transition, now=lambda: first)
    assert (list(written.events), written.at) == (transition.events, first)
    complaint.refuse("ring", None, Code.UNKNOWN_ACT, "there is no such act", first)
    again = await write_transition(engine, transition_since(complaint, 0), now=lambda: later)
    assert {event.sequence for event in again.events}.isdisjoint(event.sequence for event in written.events)
    async with engine.connect() as connection:
        table = tables.events
        rows = await connection.execute(select(table.c.sequence, table.c.recorded_at).order_by(table.c.sequence))
        recorded = {row.sequence: row.recorded_at for row in rows}
    known = {event.sequence for event in written.events}
    assert {sequence for sequence, at in recorded.items() if at == first} == known
    assert {sequence for sequence, at in recorded.items() if at == later} == recorded.keys() - known != set()


async def test_in_any_order_all_events_are_kept_and_the_newest_state_wins(engine: AsyncEngine) -> None:
    parts = transitions()
    for transition in [parts[-1], *parts[5:9], *reversed(parts)]:
        await write_transition(engine, transition, may_leave_gap=True)
    out_of_order = await everything(engine)
    assert [row[1] for row in out_of_order["events"]] == list(range(1, parts[-1].sequence + 1))
    found = await queries.read_history(engine, "H-1")
    assert found
    view = parts[-1].view(parts[-1].recorded_state())
    assert found.model_dump(exclude={"events"}) == view.model_dump()
    assert len(out_of_order["deadlines"]) == len(view.deadlines)


async def test_an_older_batch_never_overwrites_a_newer_one(engine: AsyncEngine) -> None:
    older, newer = transitions()[3:5]
    await write_transition(engine, newer, may_leave_gap=True)
    before = await everything(engine)
    await write_transition(engine, older)
    after = await everything(engine)
    assert [after[name] for name in ("complaints", "deadlines", "undertakings")] == [
        before[name] for name in ("complaints", "deadlines", "undertakings")
    ]
    assert len(after["events"]) == len(before["events"]) + len(older.events)


async def test_a_transition_after_missing_events_is_refused_until_they_are_recorded(engine: AsyncEngine) -> None:
    first, second, third, *_ = transitions()
    with pytest.raises(RecordBehindError, match="the record lacks events of H-1 up to"):
        await write_transition(engine, second)
    assert await queries.find_complaint(engine, "H-1") is None
    await write_transition(engine, first)
    before = await everything(engine)
    with pytest.raises(RecordBehindError, match="run python -m worker reconcile"):
        await write_transition(engine, third)
    assert await everything(engine) == before
    await write_transition(engine, second)
    await write_transition(engine, third)


async def test_concurrent_writers_record_each_transition_once(engine: AsyncEngine) -> None:
    parts = transitions()
    connections = asyncio.Semaphore(10)

    async def put(transition: Transition) -> None:
        async with connections:
            await write_transition(engine, transition, may_leave_gap=True)

    await asyncio.gather(*(put(transition) for transition in [*parts, *reversed(parts)]))
    at_once = await everything(engine)
    for transition in parts:
        await write_transition(engine, transition)
    assert await everything(engine) == at_once
    assert len(at_once["events"]) == parts[-1].sequence
    found = await queries.find_complaint(engine, "H-1")
    assert found
    assert found.closed_at == parts[-1].view(parts[-1].recorded_state()).closed_at


async def test_an_interrupted_transition_writes_nothing(engine: AsyncEngine) -> None:
    transition = transition_since(opened(), 0)
    transition.events[1].sequence = -1
    with pytest.raises(RecordError, match="ck_events_sequence"):
        await write_transition(engine, transition)
    assert not any((await count(engine)).values())


async def test_an_error_quotes_no_row(engine: AsyncEngine) -> None:
    transition = transition_since(opened(), 0)
    transition.events[0].sequence = -1
    transition.events[0].what = "Ada's secret"
    with pytest.raises(RecordError) as raised:
        await write_transition(engine, transition)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_a_large_transition_is_written_in_parts(engine: AsyncEngine) -> None:
    complaint = opened()
    for _ in range(MAX_EVENTS_IN_TRANSITION * 2):
        complaint.refuse("dance", None, Code.UNKNOWN_ACT, "there is no such act", RECEIVED)
    recorded = 0
    while recorded < complaint.state.sequence:
        transition = transition_since(complaint, recorded)
        await write_transition(engine, transition)
        recorded = transition.sequence
        found = await queries.read_history(engine, "C-1")
        assert found
        assert len(found.events) == found.sequence == recorded
    assert found == complaint_history_of(complaint)


async def test_letters_and_alerts_are_owed_as_the_events_say(engine: AsyncEngine) -> None:
    for transition in (parts := transitions()):
        await write_transition(engine, transition)
    events = [event for transition in parts for event in transition.events]
    rows = await everything(engine)
    assert [row[1] for row in rows["letters"]] == [e.sequence for e in events if e.kind == EventKind.LETTER]
    assert rows["letters"][0][1:] == (
        events[2].sequence,
        "signpost",
        "email",
        RECEIVED,
        {"aspect": "outcome", "concerns": [2], "rest": "looked_at", "moved": False},
    )
    kinds = {"alerted", "reminded", "chased"}
    assert [row[1:] for row in rows["alerts"]] == [
        (e.sequence, e.kind, e.detail.get("occasion"), e.detail["to"], e.at, e.what) for e in events if e.kind in kinds
    ]
    assert {row[2] for row in rows["alerts"]} == kinds


async def test_nul_characters_are_replaced(engine: AsyncEngine) -> None:
    complaint = opened()
    complaint.refuse("\x00", None, Code.UNKNOWN_ACT, r"back\slash \u0000 \\u0000", RECEIVED)
    await write_transition(engine, transition_since(complaint, 0))
    texts = await queries.read_free_text(engine, "C-1")
    assert texts[complaint.state.sequence] == {"act": "\ufffd", "sentence": r"back\slash \u0000 \\u0000"}


async def test_a_locked_row_ends_in_a_timeout(engine: AsyncEngine) -> None:
    first, *_, last = [transition_since(complaint, 0) for complaint in withdrawn()]
    await write_transition(engine, first)
    async with engine.begin() as connection:
        await connection.execute(select(tables.complaints).with_for_update())
        began = monotonic()
        with pytest.raises(RecordUnreachableError):
            await write_transition(engine, last)
        assert monotonic() - began < 2
    await write_transition(engine, last)
    async with engine.connect() as connection:
        assert await connection.scalar(select(tables.complaints.c.closing_reason)) == "withdrawn"
