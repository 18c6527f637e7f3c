"""Retention: complaints expire as the policy says; anonymisation keeps every figure."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Date, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import CarryOut, CloseInError, Escalate, Reply, Withdraw
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Start
from complaints.procedure.views.views import transition_since
from complaints.records import queries, tables
from complaints.records.erasure import anonymise, create_tombstone, erase, find_tombstone, list_open_undertakings
from complaints.records.personal.encryption import keys_of
from complaints.records.restores.resumable_state import read_resumable_state
from complaints.records.retention import ExpiredComplaint, add_hold, closed_before, list_expired
from complaints.records.search import find_complaints
from complaints.records.transitions import write_transition
from tests.procedure.builders import ACTION, FOS, INTAKE, LEAD, Story, at, calendar_of, form
from tests.records.table_dump import everything

PERSONAL = ("perpetua", "quillfeather", "pq1952", "hollyhock", "xylograph")
SAID = 'Mrs Quillfeather said "Xylograph!"'
PERSONAL_FIELDS = {
    "complainant": {
        "name": "Perpetua Quillfeather",
        "email": "pq1952@hollyhock.example",
        "address": "1 Hollyhock Row",
        "prefers": "post",
    },
    "put_right": SAID,
    "communication": [{"on": "2026-03-01", "channel": "letter", "summary": SAID}],
}
NOW = datetime(2033, 1, 1, tzinfo=UTC)


def story(reference: str, **given: object) -> Story:
    """Open a complaint that is received on Monday 2 March 2026."""
    received = at("2026-03-02 10:00")
    filled = form(reference=reference, received_at=received, **PERSONAL_FIELDS | given)
    concerns = tuple(concern.model_copy(update={"what_happened": SAID}) for concern in filled.concerns)
    start = Start(
        form=filled.model_copy(update={"concerns": concerns}),
        policy=FOS,
        calendar=calendar_of(FOS),
        opened_by=INTAKE,
        form_digest=f"digest of {reference}",
    )
    return Story(Complaint.open(start, received), received)


def answered(reference: str = "A-1") -> Story:
    """Reply with an action, carry it out, and close as not taken further on 4 April."""
    case = story(reference)
    case.does(Reply, findings=SAID, remedies=[{"kind": "action", "what": SAID}])
    case.does(CarryOut, undertaking=1)
    case.at("2026-04-10 10:00")
    assert case.closed == "not_taken_further"
    return case


def not_taken(reference: str = "N-1") -> Story:
    case = story(reference, aspects=["outcome"])
    assert case.closed == "signposted"
    return case


def reviewed(reference: str = "R-1") -> Story:
    case = story(reference)
    case.does(Reply)
    case.does(Escalate)
    case.does(Reply)
    case.does(Escalate)
    case.does(Withdraw)
    assert case.closed == "withdrawn"
    return case


async def put(engine: AsyncEngine, case: Story) -> None:
    await write_transition(engine, transition_since(case.complaint, 0))


async def listed(engine: AsyncEngine, on: str) -> list[ExpiredComplaint]:
    return [each async for each in list_expired(engine, FOS, date.fromisoformat(on))]


async def test_a_complaint_expires_on_the_policys_day_for_its_kind(engine: AsyncEngine) -> None:
    for case in (answered(), not_taken(), reviewed()):
        await put(engine, case)
    assert await listed(engine, "2027-03-02") == []
    [first] = await listed(engine, "2027-03-03")
    assert (first.reference, first.kind, first.closed_on, first.then) == (
        "N-1",
        "not_taken",
        date(2026, 3, 2),
        "anonymise",
    )
    assert [each.reference for each in await listed(engine, "2032-04-05")] == ["N-1"]
    assert [(each.reference, each.kind) for each in await listed(engine, "2032-04-06")][1:] == [("A-1", "answered")]
    last = (await listed(engine, "2036-03-03"))[1]
    assert (last.reference, last.kind, last.then) == ("R-1", "reviewed", "review")


async def test_open_held_promised_and_anonymised_complaints_are_not_listed(engine: AsyncEngine) -> None:
    open_, promised, held = story("O-1"), story("P-1"), answered("H-1")
    promised.does(Reply, remedies=[ACTION])
    promised.at("2026-04-10 10:00")
    for case in (open_, promised, held, answered()):
        await put(engine, case)
    await add_hold(engine, "H-1", date(2040, 1, 1), NOW, LEAD, "A claim.")
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    assert await listed(engine, "2039-01-01") == []
    assert [each.reference for each in await listed(engine, "2040-01-02")] == ["H-1"]
    assert await list_open_undertakings(engine, "P-1") == [1]


async def test_an_anonymised_complaint_names_nobody_and_keeps_events_and_figures(engine: AsyncEngine) -> None:
    for case in (answered(), reviewed(), answered("A-2")):
        await put(engine, case)
    before = await everything(engine)
    state = await queries.read_state(engine, "A-1")
    said = await queries.read_free_text(engine, "A-1")
    assert all(part in f"{state!r} {said}".lower() for part in PERSONAL)
    assert [part for part in PERSONAL if part in str(before).lower()] == []
    await anonymise(engine, ["A-1", "A-2", "R-1"], NOW, None, "policy")
    after = await everything(engine)
    assert [part for part in PERSONAL if part in str(after).lower()] == []
    for table in ("events", "letters", "alerts", "deadlines"):
        assert after[table] == before[table]
    state = await queries.read_state(engine, "A-1")
    assert state
    assert (state.form.complainant.name, state.undertakings[0].what) == ("Anonymised", "action")
    shown = await queries.read_history(engine, "A-1")
    assert shown
    assert shown.undertakings[0].what == "action"
    stone = await find_tombstone(engine, "A-1")
    assert stone
    assert (stone.kind, stone.by, stone.why, stone.done_at) == ("anonymised", None, "policy", NOW)


async def test_without_its_key_a_complaint_reads_as_anonymised_and_keeps_every_figure(engine: AsyncEngine) -> None:
    for case in (answered(), answered("A-2")):
        await put(engine, case)
    await add_hold(engine, "A-1", date(2040, 1, 1), NOW, LEAD, SAID)
    before = await everything(engine)
    await keys_of(engine).destroy("A-1", LEAD, "policy", NOW)
    state = await queries.read_state(engine, "A-1")
    assert state
    assert (state.form.complainant.name, state.undertakings[0].what) == ("Anonymised", "action")
    assert {text for texts in (await queries.read_free_text(engine, "A-1")).values() for text in texts.values()} == {""}
    assert await find_complaints(engine, "quillfeather", 10) == await find_complaints(engine, "A-2", 10)
    resumable = await read_resumable_state(engine, "A-1")
    assert resumable
    assert resumable.is_removed
    case = answered()
    assert (await write_transition(engine, transition_since(case.complaint, 0))).events == ()
    assert await everything(engine) == before


async def test_anonymising_twice_changes_nothing(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    once = await everything(engine)
    await anonymise(engine, ["A-1"], datetime(2034, 1, 1, tzinfo=UTC), None, "policy")
    assert await everything(engine) == once


async def test_after_its_tombstone_nothing_more_of_a_complaint_is_recorded(engine: AsyncEngine) -> None:
    case = answered()
    await put(engine, case)
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await erase(engine, "A-1", NOW)
    other = answered("A-2")
    await put(engine, other)
    assert await queries.find_complaint(engine, "A-2"), "another complaint is recorded as ever"
    erased = await everything(engine)
    other.sends(CloseInError, LEAD)
    await put(engine, other)
    assert await everything(engine) != erased
    erased = await everything(engine)
    recorded = case.state.sequence
    case.sends(CloseInError, LEAD)
    assert case.state.sequence > recorded
    await write_transition(engine, transition_since(case.complaint, recorded))
    await write_transition(engine, transition_since(case.complaint, 0))
    assert await everything(engine) == erased
    known = await queries.find_complaint(engine, "A-1")
    assert known
    assert known.form_digest != case.state.form_digest


async def test_erasure_holds_a_waiting_letter(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await erase(engine, "A-1", NOW)
    letters = tables.deliveries
    async with engine.connect() as connection:
        whys = await connection.scalars(select(letters.c.why).where(letters.c.to == "complainant").distinct())
        assert list(whys) == ["the complainant is no longer on the record"]


async def test_erasure_overrides_anonymisation_and_is_final(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await create_tombstone(engine, "A-1", NOW, "mona", "Again.")
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    stone = await find_tombstone(engine, "A-1")
    assert stone
    assert (stone.kind, stone.by, stone.why) == ("erased", LEAD, "She asked us to.")


@pytest.mark.parametrize("months", [1, 6, 12, 72])
async def test_no_expired_complaint_is_left_out_by_the_search_before_the_state(
    engine: AsyncEngine, months: int
) -> None:
    """A month may have 28 days only, so that a complaint of its end expires some days early."""
    closed = func.generate_series(date(2020, 1, 1), date(2028, 4, 1), text("interval '1 day'")).column_valued("closed")
    kept_until = cast(closed + func.make_interval(0, months), Date)
    async with engine.connect() as connection:
        for on in (date(2027, 1, 1), date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 31), date(2028, 3, 31)):
            last_instant = closed + text("interval '1 day'")
            left_out = select(closed).where(kept_until < on, last_instant >= closed_before(on, months))
            assert (await connection.scalars(left_out)).all() == []
