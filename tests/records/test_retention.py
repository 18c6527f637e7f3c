"""Records are kept for as long as the policy says; then the people are taken out of them, and every figure stays."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import CarryOut, CloseInError, Escalate, Reply, Withdraw
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Start
from complaints.procedure.views.views import transition_since
from complaints.records import queries, tables
from complaints.records.erasure import anonymise, create_tombstone, erase, promises_open, tombstone
from complaints.records.retention import Expired, expired, hold
from complaints.records.transitions import write_transition
from tests.procedure.builders import ACTION, FOS, INTAKE, LEAD, Story, at, calendar_of, form
from tests.records.table_dump import everything

PERSONAL = ("perpetua", "quillfeather", "pq1952", "hollyhock", "xylograph")
SAID = 'Mrs Quillfeather said "Xylograph!"'
TOLD = {
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
    """Received on Monday 2 March 2026."""
    received = at("2026-03-02 10:00")
    filled = form(reference=reference, received_at=received, **TOLD | given)
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
    """Replied with an action to carry out, which was carried out; closed as not taken further on 4 April."""
    told = story(reference)
    told.does(Reply, findings=SAID, remedies=[{"kind": "action", "what": SAID}])
    told.does(CarryOut, undertaking=1)
    told.at("2026-04-10 10:00")
    assert told.closed == "not_taken_further"
    return told


def not_taken(reference: str = "N-1") -> Story:
    told = story(reference, aspects=["outcome"])
    assert told.closed == "signposted"
    return told


def reviewed(reference: str = "R-1") -> Story:
    told = story(reference)
    told.does(Reply)
    told.does(Escalate)
    told.does(Reply)
    told.does(Escalate)
    told.does(Withdraw)
    assert told.closed == "withdrawn"
    return told


async def put(engine: AsyncEngine, told: Story) -> None:
    await write_transition(engine, transition_since(told.complaint, 0))


async def listed(engine: AsyncEngine, on: str) -> list[Expired]:
    return [each async for each in expired(engine, FOS, date.fromisoformat(on))]


async def test_a_complaint_is_kept_to_the_day_that_the_policy_says_by_how_far_it_went(engine: AsyncEngine) -> None:
    for told in (answered(), not_taken(), reviewed()):
        await put(engine, told)
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


async def test_one_that_is_open_held_promised_or_anonymised_is_not_listed(engine: AsyncEngine) -> None:
    open_, promised, held = story("O-1"), story("P-1"), answered("H-1")
    promised.does(Reply, remedies=[ACTION])
    promised.at("2026-04-10 10:00")
    for told in (open_, promised, held, answered()):
        await put(engine, told)
    await hold(engine, "H-1", date(2040, 1, 1), NOW, LEAD, "A claim.")
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    assert await listed(engine, "2039-01-01") == []
    assert [each.reference for each in await listed(engine, "2040-01-02")] == ["H-1"]
    assert await promises_open(engine, "P-1") == [1]


async def test_anonymised_nobody_is_in_it_any_more_and_every_event_and_figure_is_as_it_was(engine: AsyncEngine) -> None:
    for told in (answered(), reviewed(), answered("A-2")):
        await put(engine, told)
    before = await everything(engine)
    assert all(part in str(before).lower() for part in PERSONAL)
    await anonymise(engine, ["A-1", "A-2", "R-1"], NOW, None, "policy")
    after = await everything(engine)
    assert [part for part in PERSONAL if part in str(after).lower()] == []
    for table in ("events", "letters", "alerts", "deadlines"):
        assert after[table] == before[table]
    state = await queries.state(engine, "A-1")
    assert state
    assert (state.form.complainant.name, state.undertakings[0].what) == ("Anonymised", "action")
    shown = await queries.complaint_history(engine, "A-1")
    assert shown
    assert shown.undertakings[0].what == "action"
    stone = await tombstone(engine, "A-1")
    assert stone
    assert (stone.kind, stone.by, stone.why, stone.done_at) == ("anonymised", None, "policy", NOW)


async def test_what_was_anonymised_again_is_as_it_was(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    once = await everything(engine)
    await anonymise(engine, ["A-1"], datetime(2034, 1, 1, tzinfo=UTC), None, "policy")
    assert await everything(engine) == once


async def test_once_it_is_to_be_erased_nothing_more_of_it_is_recorded(engine: AsyncEngine) -> None:
    told = answered()
    await put(engine, told)
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await erase(engine, "A-1", NOW)
    other = answered("A-2")
    await put(engine, other)
    assert await queries.find(engine, "A-2"), "another complaint is recorded as ever"
    erased = await everything(engine)
    other.sends(CloseInError, LEAD)
    await put(engine, other)
    assert await everything(engine) != erased
    erased = await everything(engine)
    recorded = told.state.sequence
    told.sends(CloseInError, LEAD)
    assert told.state.sequence > recorded
    await write_transition(engine, transition_since(told.complaint, recorded))
    await write_transition(engine, transition_since(told.complaint, 0))
    assert await everything(engine) == erased
    known = await queries.find(engine, "A-1")
    assert known
    assert known.form_digest != told.state.form_digest


async def test_a_letter_that_still_waits_is_held_for_there_is_nobody_to_write_to(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await erase(engine, "A-1", NOW)
    letters = tables.deliveries
    async with engine.connect() as connection:
        whys = await connection.scalars(select(letters.c.why).where(letters.c.to == "complainant").distinct())
        assert list(whys) == ["whom it was for is no longer on the record"]


async def test_erased_counts_more_than_anonymised_and_is_not_taken_back(engine: AsyncEngine) -> None:
    await put(engine, answered())
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    await create_tombstone(engine, "A-1", NOW, LEAD, "She asked us to.")
    await create_tombstone(engine, "A-1", NOW, "mona", "Again.")
    await anonymise(engine, ["A-1"], NOW, None, "policy")
    stone = await tombstone(engine, "A-1")
    assert stone
    assert (stone.kind, stone.by, stone.why) == ("erased", LEAD, "She asked us to.")
