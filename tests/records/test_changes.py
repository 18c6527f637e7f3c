"""Changes are read in the order of recording, each once, also under concurrent recordings."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.views.views import transition_since
from complaints.records.callers.changes import Change, Position, has_position, list_changes, number_changes
from complaints.records.transitions import write_transition
from tests.records.sample_complaints import long_story, opened


async def read_on(engine: AsyncEngine, after: Position | None, limit: int = 2) -> list[Change]:
    """Read all pages after a position."""
    await number_changes(engine)
    seen: list[Change] = []
    while page := await list_changes(engine, seen[-1].position if seen else after, limit, "intake"):
        seen += page
    return seen


async def test_a_complaints_changes_come_once_and_in_its_order(engine: AsyncEngine) -> None:
    recorded, seen = 0, list[Change]()
    for complaint in long_story():
        transition = transition_since(complaint, recorded)
        for _ in range(2):  # a retry of the activity
            await write_transition(engine, transition)
        recorded = transition.sequence
        complaint.discard_recorded(recorded)
        seen += await read_on(engine, seen[-1].position if seen else None)
    assert [change.sequence for change in seen] == sorted({change.sequence for change in seen})
    assert {"acknowledge", "reply", "tier_reached", "window_opened", "give_opinion", "closed"} <= {
        change.kind for change in seen
    }
    assert await list_changes(engine, None, 5, "somebody else") == []


async def test_a_change_that_commits_later_comes_later_and_is_not_missed(engine: AsyncEngine) -> None:
    async with engine.connect() as slow:
        await slow.execute(text("SELECT 1"))
        await write_transition(engine, transition_since(opened("C-0"), 0))
        copy = text(
            "INSERT INTO changes (reference, sequence, opened_by) SELECT reference, sequence, 'intake' FROM events "
            "WHERE reference = 'C-0' AND sequence = 1"
        )
        await slow.execute(copy)  # has a lower id than those that follow, and commits after them
        await write_transition(engine, transition_since(opened("C-1"), 0))
        before = await read_on(engine, None)
        assert {change.reference for change in before} == {"C-0", "C-1"}
        await slow.commit()
    [late] = await read_on(engine, before[-1].position)
    assert (late.reference, late.sequence) == ("C-0", 1)


async def test_readers_at_the_same_time_number_each_change_once(engine: AsyncEngine) -> None:
    for number in range(20):
        await write_transition(engine, transition_since(opened(f"C-{number}"), 0))
    pages = await asyncio.gather(*(read_on(engine, None) for _ in range(4)))
    assert all(page == pages[0] for page in pages)
    assert [change.number for change in pages[0]] == list(range(1, len(pages[0]) + 1))


async def test_a_position_is_known_only_with_its_own_change(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened("C-0"), 0))
    [first, *_] = await read_on(engine, None)
    assert await has_position(engine, first.position, "intake")
    assert not await has_position(engine, first.position, "other")
    assert not await has_position(engine, first.position.model_copy(update={"sequence": 99}), None)
