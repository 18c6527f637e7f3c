"""The record has each policy and calendar once; a complaint revives from its row (R14)."""

import asyncio
from itertools import permutations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.builder import further_years
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.complaint import Complaint
from complaints.procedure.interning import content_digest
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.views import Transition, transition_since
from complaints.records import tables
from complaints.records.restores.resumable_state import read_resumable_state
from complaints.records.transitions import RecordBehindError, UnknownBasisError, write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened
from tests.records.table_dump import count


def policy_named(version: str) -> Policy:
    return load_policy().model_copy(update={"version": version})


def recalculated(reference: str) -> tuple[Complaint, list[Transition]]:
    """Return a complaint that got another policy and further years, with its transitions."""
    complaint, handed = opened(reference), list[Transition]()
    complaint.state.policy = policy_named("1")

    def hand() -> None:
        handed.append(transition_since(complaint, handed[-1].sequence if handed else 0))

    hand()
    complaint.apply(acts.Acknowledge(id="1", by="mark"), at(1, 4), DIRECTORY_RESULT)
    hand()
    calendar = complaint.state.calendar
    changed = calendar.model_copy(update={"version": "2", "holidays": calendar.holidays | {at(1, 6).date(): "Fog"}})
    act = acts.ChangePolicy(id="2", by="op", policy=policy_named("2"), calendar=changed, reason="Fog.")
    assert complaint.apply(act, at(1, 4, 13), DIRECTORY_RESULT).code == "done"
    hand()
    complaint.extend_calendar(further_years(complaint.state.policy, changed), at(1, 4, 14))
    hand()
    complaint.elapse(at(3, 1))
    hand()
    return complaint, handed


async def record(engine: AsyncEngine, transition: Transition) -> None:
    """Record as a workflow does, but in any order."""
    try:
        await write_transition(engine, transition.lean(), may_leave_gap=True)
    except UnknownBasisError:
        await write_transition(engine, transition, may_leave_gap=True)


async def revived(engine: AsyncEngine, reference: str) -> ComplaintState:
    read = await read_resumable_state(engine, reference)
    assert read
    return read.state


def as_read(complaint: Complaint) -> ComplaintState:
    """Return the state as the record gives it: without free text."""
    complaint.discard_recorded(complaint.state.sequence)
    return complaint.state


def without_answers(state: ComplaintState) -> dict[str, object]:
    return state.model_dump(exclude={"answers"})


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
async def test_in_whatever_order_transitions_come_a_complaint_is_revived_as_it_was(
    engine: AsyncEngine, order: tuple[int, ...]
) -> None:
    complaint, handed = recalculated("C-1")
    for number in [*order, 4, *order]:
        await record(engine, handed[number])
        assert await revived(engine, "C-1")
    state = await revived(engine, "C-1")
    assert without_answers(state) == without_answers(as_read(complaint))
    assert {act_id for act_id in ("1", "2", "3") if act_id in state.answers} == {"1", "2"}
    assert content_digest(state.policy) == handed[-1].policy_digest
    assert content_digest(state.calendar) == handed[-1].calendar_digest


async def test_a_transition_whose_policy_the_record_lacks_writes_nothing(engine: AsyncEngine) -> None:
    with pytest.raises(UnknownBasisError, match="the record lacks the policy or the calendar of C-1"):
        await write_transition(engine, transition_since(opened(), 0).lean())
    assert not any((await count(engine)).values())


async def test_a_record_that_lacks_events_says_so_before_it_lacks_a_policy(engine: AsyncEngine) -> None:
    _, handed = recalculated("C-1")
    with pytest.raises(RecordBehindError):
        await write_transition(engine, handed[1].lean())
    assert not any((await count(engine)).values())


async def test_complaints_share_one_row_for_each_policy_and_calendar(engine: AsyncEngine) -> None:
    await asyncio.gather(*(record(engine, transition_since(opened(f"C-{n}"), 0)) for n in range(10)))
    rows = await count(engine)
    assert (rows["complaints"], rows["policies"], rows["calendars"]) == (10, 1, 1)


async def test_the_database_refuses_a_row_that_names_no_policy(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    for column in ("policy_digest", "calendar_digest"):
        with pytest.raises(DBAPIError, match="violates foreign key constraint"):
            async with engine.begin() as connection:
                await connection.execute(update(tables.complaints).values({column: "none"}))


async def test_the_database_keeps_every_policy_and_calendar(engine: AsyncEngine, owner_engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    for table in (tables.policies, tables.calendars):
        for statement in (delete(table), update(table).values(content={})):
            with pytest.raises(DBAPIError, match="append-only"):
                async with owner_engine.begin() as connection:
                    await connection.execute(statement)


def test_a_digest_does_not_depend_on_the_order_of_keys_or_on_what_is_as_by_default() -> None:
    policy = load_policy()
    backwards = dict(reversed(policy.model_dump(mode="json", exclude_defaults=True).items()))
    backwards["signposts"] = dict(reversed(backwards["signposts"].items()))
    assert content_digest(Policy.model_validate(backwards)) == content_digest(policy)
    assert content_digest(policy_named("another")) != content_digest(policy)
