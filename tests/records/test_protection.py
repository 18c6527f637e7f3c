"""Protection: one complaint for each reference, immutable events, erased free text."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure import acts
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.enums import Code
from complaints.procedure.views.views import transition_since
from complaints.records import queries, tables
from complaints.records.transitions import RecordedReferenceTakenError, RecordForkedError, write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened
from tests.records.table_dump import everything


async def test_another_complaint_under_a_known_reference_is_refused(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    before = await everything(engine)
    other_form, other_life = opened(digest="another"), opened(now=at(1, 1))
    for complaint in (other_form, other_life):
        complaint.refuse("dance", None, Code.UNKNOWN_ACT, "there is no such act", at(1, 2))
        with pytest.raises(RecordedReferenceTakenError, match="C-1"):
            await write_transition(engine, transition_since(complaint, 0))
    assert await everything(engine) == before


@pytest.mark.parametrize("acts_since", [1, 2, 5])
async def test_a_complaint_restored_to_an_older_state_writes_nothing_over_the_record(
    engine: AsyncEngine, acts_since: int
) -> None:
    restored, complaint = opened(), opened()
    complaint.elapse(at(1, 20))
    _add_note(complaint, at(1, 21))
    await write_transition(engine, transition_since(complaint, 0))
    before = await everything(engine)
    recorded = restored.state.sequence
    restored.elapse(at(1, 2))
    for day in range(1, 1 + acts_since):
        _add_note(restored, at(1, 21 + day))
    with pytest.raises(RecordForkedError, match=r"event \d+ of C-1 is on the record with another content"):
        await write_transition(engine, transition_since(restored, recorded))
    assert await everything(engine) == before


async def test_a_complaint_restored_to_an_older_state_may_repeat_what_is_recorded(engine: AsyncEngine) -> None:
    restored, complaint = opened(), opened()
    complaint.elapse(at(1, 20))
    await write_transition(engine, transition_since(complaint, 0))
    before = await everything(engine)
    recorded = restored.state.sequence
    restored.elapse(at(1, 2))
    await write_transition(engine, transition_since(restored, recorded))
    assert await everything(engine) == before


def _add_note(complaint: Complaint, now: datetime) -> None:
    act = acts.AddInformation(id=f"note {now}", by="front-desk", note="They rang.")
    assert complaint.apply(act, now, DIRECTORY_RESULT).code == DONE


async def test_of_two_first_transitions_at_once_only_one_complaint_is_recorded(engine: AsyncEngine) -> None:
    ones = [transition_since(opened(digest=digest), 0) for digest in ("one", "other")]
    ones[1].events[0].by = "another door"
    answers = await asyncio.gather(*(write_transition(engine, one) for one in ones), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["RecordedReferenceTakenError", "Written"]
    winner = next(one for one, answer in zip(ones, answers, strict=True) if not isinstance(answer, BaseException))
    found = await queries.find_complaint(engine, "C-1")
    assert found
    assert found.form_digest == winner.state["form_digest"]
    story = await queries.read_history(engine, "C-1")
    assert story
    assert story.events[0].by == winner.events[0].by


async def test_erased_free_text_does_not_come_back(engine: AsyncEngine) -> None:
    transition = transition_since(opened(), 0)
    await write_transition(engine, transition)
    said = {"concern 1": "Nobody called back.", "concern 2": "The answer is wrong."}
    assert await queries.read_free_text(engine, "C-1") == {1: said}
    async with engine.begin() as connection:
        await connection.execute(update(tables.free_text).values(text=None))
    await write_transition(engine, transition)
    assert await queries.read_free_text(engine, "C-1") == {1: dict.fromkeys(said, "")}
    story = await queries.read_history(engine, "C-1")
    assert story
    assert len(story.events) == len(transition.events)


@pytest.mark.parametrize(
    "change",
    ["UPDATE events SET what = ''", "DELETE FROM events", "TRUNCATE events CASCADE", "TRUNCATE complaints CASCADE"],
)
async def test_the_database_refuses_its_owner_to_change_an_event(
    engine: AsyncEngine, owner_engine: AsyncEngine, change: str
) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    before = await everything(engine)
    with pytest.raises(Exception, match=r"the table events is append-only: (UPDATE|DELETE|TRUNCATE) is refused"):
        async with owner_engine.begin() as connection:
            await connection.execute(text(change))
    assert await everything(engine) == before


async def test_an_invalid_complaint_row_cannot_be_stored(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    for values in ({"status": "asleep"}, {"sequence": 0}, {"closed_at": func.now()}):
        with pytest.raises(Exception, match="ck_complaints"):
            async with engine.begin() as connection:
                await connection.execute(update(tables.complaints).values(values))
