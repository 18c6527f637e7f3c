"""Queries return the complaints that were written."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure import acts
from complaints.procedure.answers import Answers
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Status
from complaints.procedure.views.views import RecordedView, complaint_history_of, transition_since, view_of
from complaints.records import queries, tables
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, long_story, opened, withdrawn


async def listed(views: AsyncIterator[RecordedView]) -> list[str]:
    return [view.reference async for view in views]


@pytest.mark.parametrize("story", [long_story, withdrawn])
async def test_at_every_step_the_record_equals_the_complaint(
    engine: AsyncEngine, story: Callable[[], Iterator[Complaint]]
) -> None:
    recorded = 0
    said: dict[int, dict[str, str]] = {}
    for complaint in story():
        said |= {event.sequence: event.free_text for event in complaint.events_after(recorded) if event.free_text}
        transition = transition_since(complaint, recorded)
        await write_transition(engine, transition)
        recorded = transition.sequence
        complaint.discard_recorded(recorded)
        reference = complaint.state.reference
        assert await queries.read_history(engine, reference) == complaint_history_of(complaint)
        assert await queries.read_state(engine, reference) == complaint.state.model_copy(update={"answers": Answers()})
        assert [view async for view in queries.list_views(engine)] == [view_of(complaint)]
        assert await rows(engine, tables.deadlines) == parts(complaint, "deadlines")
        assert await rows(engine, tables.undertakings) == [
            part | {"what": "action"} for part in parts(complaint, "undertakings")
        ]
        known = await queries.find_complaint(engine, reference)
        assert known == queries.RecordedComplaint.model_validate(
            view_of(complaint).model_dump() | {"form_digest": complaint.state.form_digest, "opened_by": "intake"}
        )
    assert await queries.read_free_text(engine, reference) == said


async def rows(engine: AsyncEngine, table: Any) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        found = await connection.execute(select(table).order_by(table.c.number))
        return [dict(row) for row in found.mappings()]


def parts(complaint: Complaint, field: str) -> list[dict[str, Any]]:
    return [{"reference": complaint.state.reference} | part.model_dump() for part in getattr(view_of(complaint), field)]


async def test_an_unknown_reference_has_no_record(engine: AsyncEngine) -> None:
    for read in (queries.read_history, queries.read_state, queries.find_complaint):
        assert await read(engine, "C-0") is None
    assert await queries.read_free_text(engine, "C-0") == {}
    assert await listed(queries.list_views(engine)) == []


async def test_a_list_matches_every_filter_with_the_first_deadline_on_top(engine: AsyncEngine) -> None:
    closed = list(long_story())[-1]  # nothing is due any more
    gone = list(withdrawn())[-1]
    new, late, held = opened("C-4"), opened("C-3"), opened("C-2")
    late.elapse(at(1, 8))
    held.apply(acts.Acknowledge(id="1", by="mary"), (now := at(1, 2)), DIRECTORY_RESULT)
    for complaint in (closed, gone, held, late, new):
        await write_transition(engine, transition_since(complaint, 0))

    due = [view.due_at for view in map(view_of, (late, new, held)) if view.due_at]
    assert due == sorted(due)
    assert await listed(queries.list_views(engine)) == ["C-3", "C-4", "C-2", "C-1", "H-1"]
    assert await listed(queries.list_views(engine, limit=2)) == ["C-3", "C-4"]
    assert await listed(queries.list_views(engine, overdue=True)) == ["C-3"]
    assert await listed(queries.list_views(engine, overdue=False)) == ["C-4", "C-2", "C-1", "H-1"]
    assert await listed(queries.list_views(engine, closed=True)) == ["C-1", "H-1"]
    assert await listed(queries.list_views(engine, closed=False)) == ["C-3", "C-4", "C-2"]
    assert await listed(queries.list_views(engine, status=Status.CLOSED)) == ["C-1", "H-1"]
    assert await listed(queries.list_views(engine, holder="mary")) == ["C-2"]
    assert await listed(queries.list_views(engine, tier="manager", overdue=False, due_before=due[2])) == ["C-4"]
    assert await listed(queries.list_views(engine, tier="independent_assessor")) == ["H-1"]
    assert await listed(queries.list_views(engine, due_before=due[0])) == []
    assert await listed(queries.list_views(engine, due_before=due[0] + timedelta(microseconds=1))) == ["C-3", "C-4"]
    assert now < due[2]
    assert [each async for each in queries.list_references(engine)] == ["C-1", "C-2", "C-3", "C-4", "H-1"]
    assert [each async for each in queries.list_references(engine, open_only=True)] == ["C-2", "C-3", "C-4"]


async def test_a_list_longer_than_one_batch_is_complete_and_may_be_abandoned(engine: AsyncEngine) -> None:
    many = queries.BATCH_SIZE * 2 + 1
    await write_transition(engine, transition_since(opened("C-0"), 0))
    async with engine.begin() as connection:
        row = (await connection.execute(select(tables.complaints))).mappings().one()
        copies = [
            dict(row) | {"reference": f"C-{n}", "view": row["view"] | {"reference": f"C-{n}"}} for n in range(1, many)
        ]
        for first in range(0, len(copies), 100):  # each statement within the timeout, also on a busy machine
            await connection.execute(tables.complaints.insert(), copies[first : first + 100])
    found = await listed(queries.list_views(engine))
    assert found == sorted(f"C-{n}" for n in range(many))
    assert [each async for each in queries.list_references(engine)] == found
    for _ in range(20):  # more often than there are connections
        views = queries.list_views(engine)
        async for view in views:
            assert view.reference == "C-0"
            break
        await views.aclose()
