"""A CSV file is imported whole, or every error is listed with line and column."""

from datetime import date
from pathlib import Path

import pytest

from complaints.policies.loader import load_policy
from complaints.procedure.enums import Aspect
from complaints.staff.csv_import import COLUMNS, InvalidFileError, StaffFile
from complaints.staff.members import Absence, Member

POLICY = load_policy()
EXAMPLE = Path(__file__).parents[2] / "examples" / "staff.csv"
TIERS = "manager, customer_complaints_team, independent_assessor"
ASSESSOR_ALONE = "the Independent Assessor holds no other role; give independent_assessor alone, or leave it out"
MARY = Member(id="mary", name="Mary", roles=("manager",), email="mary@example.org", active_until=date(2027, 3, 31))


def read(*lines: str) -> list[Member]:
    return StaffFile.read("\r\n".join(lines), POLICY).members({})


def errors(*lines: str) -> list[str]:
    with pytest.raises(InvalidFileError) as raised:
        StaffFile.read("\n".join(lines), POLICY)
    return raised.value.errors


def test_each_column_is_a_field() -> None:
    [member] = read(
        ",".join(COLUMNS),
        '"m.o","Okafor, Mary",m.o@example.org,subject-7,manager; case_handler,,'
        "delay;not_kept_updated,Team A;B,2026-01-05,,"
        "2026-12-21/2027-01-02; 2027-02-01",
    )
    assert member == Member(
        id="m.o",
        name="Okafor, Mary",
        email="m.o@example.org",
        roles=("case_handler", "manager"),
        aspects=(Aspect.DELAY, Aspect.NOT_KEPT_UPDATED),
        teams=("B", "Team A"),
        subject="subject-7",
        active_from=date(2026, 1, 5),
        absences=(
            Absence(since=date(2026, 12, 21), until=date(2027, 1, 2)),
            Absence(since=date(2027, 2, 1), until=date(2027, 2, 1)),
        ),
    )


def test_a_missing_column_keeps_a_field_and_an_empty_cell_clears_it() -> None:
    [mary] = StaffFile.read("Name,ID,email\nMary Smith,mary,\n\n", POLICY).members({"mary": MARY})
    assert mary == MARY.model_copy(update={"name": "Mary Smith", "email": None})


def test_every_error_has_its_line_and_column() -> None:
    assert errors(
        "id,name,email,roles,leads,active_from,active_until,absences",
        "a b,,nowhere,boss; manager,case_handler,soon,2026-01-01,2027-01-02/2027-01-01",
        "mary,Mary,,,,2026-02-01,2026-01-01,",
        "ida,Ida,,independent_assessor; manager,,,,",
        "iris,Iris,,independent_assessor,manager,,,",
        "ivan,Ivan,,independent_assessor; administrator,,,,",
        '"mary","Mary',
        'two lines",,,,,,',
        "short,Short",
    ) == [
        "line 2: id: give an id of up to 100 letters, digits and . _ @ + -",
        "line 2: name: must not be empty",
        "line 2: email: give an address that mail can be sent to, such as ada@example.org",
        f"line 2: roles: there is no boss; give any of case_handler, {TIERS}, administrator, auditor",
        f"line 2: leads: there is no case_handler; give any of {TIERS}",
        "line 2: active_from: give a date such as 2026-12-09",
        "line 2: absences[1]: the last day is before the first; give the first day first",
        "line 3: active_until: this is before the first day; give 2026-02-01 or a later day",
        f"line 4: roles: {ASSESSOR_ALONE}",
        f"line 5: leads: {ASSESSOR_ALONE}",
        f"line 6: roles: {ASSESSOR_ALONE}",
        "line 7: id: mary is on line 3 already; remove one of the lines",
        "line 9: has 2 cells; give 8, one for each column",
    ]


def test_an_error_may_involve_recorded_fields() -> None:
    file = StaffFile.read("id,name,active_from\nmary,Mary,2027-04-01", POLICY)
    with pytest.raises(
        InvalidFileError, match=r"^line 2: active_until: this is before the first day; give 2027-04-01 or a later day$"
    ):
        file.members({"mary": MARY})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([""], ["line 1: the column id is missing; add it", "line 1: the column name is missing; add it"]),
        (["id;name"], ["line 1: there is no column id;name; separate the columns with commas"]),
        (["id,name,id"], ["line 1: there are several columns id; remove all but one"]),
        (["id,name", 'mary,"Mary'], ["line 2: not valid CSV (unexpected end of data); correct the line"]),
    ],
)
def test_a_malformed_file_is_refused(lines: list[str], expected: list[str]) -> None:
    assert errors(*lines)[: len(expected)] == expected


def test_the_assessor_may_be_her_own_lead() -> None:
    assert read("id,name,roles,leads", "ida,Ida,independent_assessor,independent_assessor")


def test_the_example_can_be_read() -> None:
    read = StaffFile.read(EXAMPLE.read_text(encoding="utf-8"), POLICY)
    assert {role for member in read.members({}) for role in member.roles} == {
        "case_handler",
        "manager",
        "customer_complaints_team",
        "independent_assessor",
        "administrator",
        "auditor",
    }


def test_ids_are_the_same_in_capitals_and_small_letters() -> None:
    [mary] = StaffFile.read("id,name\nMARY,Mary Smith\n", POLICY).members({"mary": MARY})
    assert mary == MARY.model_copy(update={"name": "Mary Smith"})
    assert errors("id,name", "mary,Mary", "Mary,Mary") == [
        "line 3: id: mary is on line 2 already; remove one of the lines"
    ]
