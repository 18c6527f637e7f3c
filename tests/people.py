"""Whom the staff directory knows in the tests: one cast for all of them.

Of the managers only m.okafor is well placed for what most tests are about, and so is chosen to hold it.
"""

from datetime import UTC, date, datetime

from admin.shared.actor import keyed_by
from complaints.api_keys import Key, Scope
from complaints.calendars.builder import load_policy
from complaints.procedure.directory_lookup import Found, Question, Standing
from complaints.procedure.enums import Aspect
from complaints.records import systems
from complaints.records.database import make_engine
from complaints.records.staff import revise
from complaints.staff.csv_import import StaffFile
from complaints.staff.directory import Absence, Directory, Member
from local.servers.worker import ROOT

CASE_HANDLER, MANAGER, TEAM, ASSESSOR = "case_handler", "manager", "customer_complaints_team", "independent_assessor"
FIRST, SECOND, THIRD = "stage_1", "stage_2", "stage_3"
SERVICE = (MANAGER, TEAM, FIRST, SECOND, THIRD)
"""The tiers of the tests' policies that reply."""
AWAY = Absence(since=date(2031, 1, 1), until=date(2031, 12, 31))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _staff(roles: tuple[str, ...], *ids: str, leads: tuple[str, ...] = ()) -> list[Member]:
    well_placed = (Aspect.DELAY, Aspect.NOT_KEPT_UPDATED) if "m.okafor" in ids else (Aspect.DATA_PROTECTION,)
    return [Member(id=each, name=each, roles=roles, leads=leads, aspects=well_placed) for each in ids]


PEOPLE: tuple[Member, ...] = (
    *_staff((CASE_HANDLER,), "hanna", "h.lee", "h.lindqvist", "harry", f"staff.{CASE_HANDLER}", f"also.{CASE_HANDLER}"),
    *_staff((MANAGER, FIRST), "m.okafor"),
    *_staff((MANAGER, FIRST), "mark", leads=(MANAGER, FIRST)),
    *_staff((MANAGER, FIRST), "mona", "mary", "m.silva", *(f"m.{number}" for number in range(50))),
    *_staff((MANAGER,), "m.hughes", "m.osei", "only.one", "list.keeper", "work.lister"),
    *_staff((TEAM, SECOND), "tess", "carl", leads=(TEAM, SECOND)),
    *_staff((TEAM, SECOND), "tom", "cora", "t.abara", "t.jones", "t.lund", "c.team"),
    *_staff((TEAM, SECOND), "lou", leads=(MANAGER, FIRST)),
    *_staff((FIRST, SECOND, THIRD, "stage_4"), "zoe"),
    *_staff((ASSESSOR,), "ida", "i.assessor"),
    *(member for tier in (*SERVICE, ASSESSOR) for member in _staff((tier,), f"staff.{tier}", f"also.{tier}")),
    *_staff((CASE_HANDLER, *SERVICE), "ann", "bob"),
    *_staff((), "lee", "lead", "lena", "l.one", leads=(*SERVICE, ASSESSOR)),
    *_staff((ASSESSOR,), "ia.moreau", leads=(ASSESSOR,)),
    *_staff((), "lead.manager", leads=(MANAGER,)),
    *_staff((), "lead.team", leads=(TEAM,)),
    *_staff((), "op", "front-desk", keyed_by(None)),
    *_staff((ASSESSOR,), "ivy", leads=(MANAGER,)),
    *(each.model_copy(update={"active_until": date(2021, 3, 31)}) for each in _staff((MANAGER,), "left.in.2021")),
    *(each.model_copy(update={"absences": (AWAY,)}) for each in _staff((MANAGER,), "away")),
)
SYSTEMS = ("intake", "case-system", "cases")


def _of_the_sample() -> list[Member]:
    """Whoever else acts in the demo and in the examples; nobody of them is chosen to hold a complaint."""
    sample = StaffFile.read((ROOT / "examples" / "staff.csv").read_text(encoding="utf-8"), load_policy())
    known = {*SYSTEMS, *(member.id for member in PEOPLE)}
    others = [member for member in sample.members({}) if member.id not in known]
    return [member.model_copy(update={"aspects": (Aspect.DATA_PROTECTION,), "absences": ()}) for member in others]


EVERYBODY = (*PEOPLE, *_of_the_sample())
DIRECTORY = Directory(
    {member.id: member for member in EVERYBODY}, {name: Standing(id=name, is_system=True) for name in SYSTEMS}
)
KNOWN = DIRECTORY.answer(Question(on=date(2026, 3, 2), actors=(*DIRECTORY.members, *SYSTEMS)))
"""What the directory finds of the actors, whoever is asked for."""


def found(chosen: str | None = None, *, holder_is_there: bool = True) -> Found:
    """The same, where it was asked for a holder too."""
    return KNOWN.model_copy(update={"chosen": chosen, "holder_is_there": holder_is_there})


async def enter_people(database_url: str) -> None:
    """Into a directory that has none yet."""
    engine = make_engine(database_url, pool_size=1)
    await revise(engine, list(DIRECTORY.members), lambda _: EVERYBODY, at=LONG_AGO, by="tests")
    for name in SYSTEMS:
        await systems.add(engine, name, (Scope.ACT,), "tests", LONG_AGO, Key.new())
    await engine.dispose()
