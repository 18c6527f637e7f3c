"""The staff directory in PostgreSQL: authorities, availability, assignment and changes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import ApiKey, Scope
from complaints.procedure import acts
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery, DirectoryResult, StaffAuthority
from complaints.procedure.enums import Aspect
from complaints.procedure.views.views import transition_since
from complaints.records import systems
from complaints.records.directory import answer_query, list_recipients, read_directory, read_members
from complaints.records.staff import SystemNameError, list_changes, update_members
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from complaints.staff.members import Absence, InvalidMemberError, Member
from tests.records.sample_complaints import RECEIVED, at, opened

TODAY = date(2026, 12, 16)
CHRISTMAS = Absence(since=date(2026, 12, 24), until=date(2027, 1, 1))


def member(id: str, *roles: str, **fields: Any) -> Member:  # noqa: A002 - a member's own name for it
    return Member(id=id, name=id.title(), roles=roles or ("manager",), **fields)


async def enter(engine: AsyncEngine, *entered: Member, by: str = "lead") -> None:
    await update_members(engine, [each.id for each in entered], lambda _: entered, at=now(), by=by)


async def chosen(engine: AsyncEngine, *aspects: Aspect, involved: Iterable[str] = (), on: date = TODAY) -> str | None:
    vacancy = AssignmentRequest(tier="manager", aspects=aspects or (Aspect.DELAY,), involved=tuple(involved))
    return (await answer_query(engine, DirectoryQuery(on=on, assignment=vacancy))).assignee


async def is_there(engine: AsyncEngine, holder: str, since: date, until: date | None = None) -> bool:
    return (await answer_query(engine, DirectoryQuery(on=since, holder=holder, until=until))).holder_available


async def held_by(engine: AsyncEngine, staff: str, *references: str, closed: bool = False) -> None:
    known = DirectoryResult(
        authorities=(StaffAuthority(id=staff, roles=("manager",)), StaffAuthority(id="intake", is_system=True))
    )
    for reference in references:
        complaint = opened(reference)
        complaint.apply(acts.Acknowledge(id="1", by=staff), RECEIVED, known)
        if closed:
            complaint.apply(acts.Withdraw(id="2", by="intake"), RECEIVED, known)
        await write_transition(engine, transition_since(complaint, 0))


async def test_known_actors_have_an_authority(engine: AsyncEngine) -> None:
    await enter(engine, member("mary", "manager", "case_handler", leads=["manager"], active_from=TODAY))
    await enter(engine, member("carl"))
    found = await answer_query(engine, DirectoryQuery(on=TODAY, actors=("mary", "nobody", "mary")))
    mary = StaffAuthority(id="mary", roles=("case_handler", "manager"), leads=("manager",), active_from=TODAY)
    assert found == DirectoryResult(authorities=(mary,))


async def test_systems_have_an_authority_until_they_are_revoked(engine: AsyncEngine) -> None:
    await enter(engine, member("mary"))
    for name in ("cases", "forms"):
        await systems.add_system(engine, name, [Scope.ACT], "lena", RECEIVED, ApiKey.new())
    await systems.revoke_system(engine, "forms", "lena", at(1, 2))
    cases = StaffAuthority(id="cases", is_system=True)
    forms = StaffAuthority(id="forms", is_system=True, active_until=date(2027, 1, 1))
    found = await answer_query(engine, DirectoryQuery(on=TODAY, actors=("forms", "nobody", "mary", "cases")))
    assert found.authorities == (forms, member("mary").authority, cases)
    assert (await read_directory(engine)).systems == {"cases": cases, "forms": forms}


async def test_staff_and_systems_never_share_a_name(engine: AsyncEngine) -> None:
    await enter(engine, member("mary"))
    await systems.add_system(engine, "cases", [Scope.ACT], "lena", RECEIVED, ApiKey.new())
    with pytest.raises(SystemNameError, match="cases: the name of a system"):
        await enter(engine, member("anna"), member("cases"))
    with pytest.raises(systems.SystemRefusedError, match="mary is a member of staff"):
        await systems.add_system(engine, "mary", [Scope.ACT], "lena", RECEIVED, ApiKey.new())
    assert list(await read_members(engine)) == ["mary"]


async def test_no_two_members_have_the_same_subject(engine: AsyncEngine) -> None:
    await enter(engine, member("mary", subject="00u1"))
    await enter(engine, member("mary", subject="00u1", teams=("Banking",)))
    for members in ([member("anna", subject="00u1")], [member("anna", subject="2"), member("bert", subject="2")]):
        with pytest.raises(InvalidMemberError, match=r"subject: it is .*'s already"):
            await enter(engine, *members)
    assert list(await read_members(engine)) == ["mary"]


async def test_a_specialist_in_the_aspect_is_assigned_before_a_generalist(engine: AsyncEngine) -> None:
    await enter(engine, member("anna"), member("dora", aspects=[Aspect.DELAY]), member("otto", aspects=["outcome"]))
    assert await chosen(engine, Aspect.DELAY, Aspect.OTHER_SERVICE) == "dora"
    assert await chosen(engine, Aspect.OTHER_SERVICE) == "anna"
    assert await chosen(engine, Aspect.DELAY, involved=["anna", "dora"]) is None


async def test_of_equals_the_one_with_the_fewest_open_complaints_is_assigned(engine: AsyncEngine) -> None:
    await enter(engine, member("anna"), member("bert"), member("cleo"))
    assert await chosen(engine) == "anna"
    await held_by(engine, "anna", "C-1", "C-2")
    await held_by(engine, "bert", "C-3")
    await held_by(engine, "cleo", "C-4", "C-5", closed=True)
    assert await chosen(engine) == "cleo"
    assert await chosen(engine, involved=["cleo"]) == "bert"
    assert (await read_directory(engine)).holding_counts == {"anna": 2, "bert": 1, "cleo": 0}


async def test_nobody_with_another_role_involved_away_or_inactive_is_assigned(engine: AsyncEngine) -> None:
    await enter(
        engine,
        member("away", absences=[CHRISTMAS]),
        member("gone", active_until=date(2026, 12, 23)),
        member("handler", "case_handler"),
        member("soon", active_from=date(2026, 12, 25)),
    )
    assert await chosen(engine, involved=["away", "gone"]) is None
    assert await chosen(engine) == "away"
    assert await chosen(engine, on=date(2026, 12, 23), involved=["away"]) == "gone"
    assert await chosen(engine, on=date(2026, 12, 24)) is None
    assert await chosen(engine, on=date(2026, 12, 25)) == "soon"


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [
        (date(2026, 12, 16), date(2026, 12, 23), True),
        (date(2026, 12, 16), date(2026, 12, 24), False),
        (date(2027, 1, 1), None, False),
        (date(2027, 1, 2), None, True),
        (date(2027, 1, 2), date(2027, 3, 31), True),
        (date(2027, 1, 2), date(2027, 4, 1), False),
    ],
)
async def test_a_holder_is_available_if_active_and_present_on_every_day(
    engine: AsyncEngine, since: date, until: date | None, there: bool
) -> None:
    await enter(engine, member("mary", absences=[CHRISTMAS], active_until=date(2027, 3, 31)))
    assert await is_there(engine, "mary", since, until) is there


async def test_an_unknown_holder_is_not_available(engine: AsyncEngine) -> None:
    assert not await is_there(engine, "nobody", TODAY)
    assert (await answer_query(engine, DirectoryQuery(on=TODAY))).holder_available


async def test_a_message_goes_to_one_person_or_to_a_tiers_leads(engine: AsyncEngine) -> None:
    lena, mary = member("lena", leads=["manager"], absences=[CHRISTMAS]), member("mary", leads=["manager"])
    gone = member("gone", leads=["manager"], active_until=date(2026, 12, 15))
    await enter(engine, mary, lena, gone)
    assert list((await read_members(engine)).values()) == [gone, lena, mary]
    async with engine.connect() as connection:
        assert await list_recipients(connection, "staff:gone", TODAY) == [gone]
        assert await list_recipients(connection, "staff:nobody", TODAY) == []
        assert await list_recipients(connection, "lead:manager", TODAY) == [lena, mary]
        assert await list_recipients(connection, "lead:customer_complaints_team", TODAY) == []


async def test_each_change_is_kept_with_its_author_and_instant(engine: AsyncEngine) -> None:
    await enter(engine, member("mary"), by="lena")
    later = member("mary", "case_handler", email="mary@example.org", absences=[CHRISTMAS])
    made = await update_members(engine, ["mary"], lambda _: [later], at=at(1, 2), by="carl")
    assert await update_members(engine, ["mary"], lambda _: [later], at=at(1, 3), by="carl") == []
    first, second = await list_changes(engine, "mary")
    assert (first.by, first.changed) == (
        "lena",
        {"id": (None, "mary"), "name": (None, "Mary"), "roles": (None, ["manager"])},
    )
    assert [second] == [change.model_copy(update={"changed": second.changed}) for change in made]
    assert (second.by, second.at, second.changed) == (
        "carl",
        at(1, 2),
        {
            "email": (None, "mary@example.org"),
            "roles": (["manager"], ["case_handler"]),
            "absences": ([], [{"since": "2026-12-24", "until": "2027-01-01"}]),
        },
    )


async def test_a_failed_change_writes_nothing(engine: AsyncEngine) -> None:
    def half(_: object) -> Iterable[Member]:
        yield member("mary")
        raise KeyError

    with pytest.raises(KeyError):
        await update_members(engine, ["mary"], half, at=now(), by="lena")
    assert await read_members(engine) == {}
    assert await list_changes(engine, "mary") == []


async def test_the_database_refuses_its_owner_to_alter_recorded_changes(
    engine: AsyncEngine, owner_engine: AsyncEngine
) -> None:
    await enter(engine, member("mary"))
    with pytest.raises(Exception, match="the table staff_changes is append-only"):
        async with owner_engine.begin() as connection:
            await connection.execute(text("DELETE FROM staff_changes"))
