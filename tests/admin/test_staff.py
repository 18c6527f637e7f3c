"""`staff` adds, changes, imports and shows members, with the history of their changes."""

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from complaints.runtime.clock import now
from tests.admin.cli_runner import CliRunner

_numbers = itertools.count(1)
UNPLACED = ("--aspect", "data_protection")
"""Keeps complaints of other tests from being assigned to them."""
DATES = "give a date such as 2026-12-09, 9 December 2026, 09/12/2026 or today"


@pytest.fixture
def staff() -> str:
    """Return an id that nobody has."""
    return f"staff-{next(_numbers)}"


async def show_member(cli: CliRunner, staff: str) -> Any:
    return (await cli.run("staff", "show", staff, "--json")).json


async def test_an_added_member_is_shown(cli: CliRunner, staff: str) -> None:
    result = await cli.run(
        "staff", "add", staff, "--name", "Mary O.", "--role", "manager", "--aspect", "data_protection", "--as", "op"
    )
    assert result.out == f"{staff}: added\n"
    member = await show_member(cli, staff)
    assert (member["name"], member["roles"], member["aspects"], member["holds"]) == (
        "Mary O.",
        ["manager"],
        ["data_protection"],
        0,
    )
    assert [change["by"] for change in member["changes"]] == ["op"]
    listed = (await cli.run("staff", "list", "--role", "manager", "--json")).json
    assert staff in [member["id"] for member in listed]


async def test_a_given_option_replaces_the_present_value(cli: CliRunner, staff: str) -> None:
    await cli.run("staff", "add", staff, "--name", "Mary", "--role", "manager", "--team", "Banking", *UNPLACED)
    options = ("--role", "case_handler", "--email", "mary@example.org", "--team", "", "--until", "2027-03-31")
    await cli.run("staff", "change", staff, *options, "--as", "op")
    result = await cli.run("staff", "show", staff)
    for line in ("roles: manager -> case_handler", "email: none -> mary@example.org", "teams: Banking -> none"):
        assert line in result.out
    assert "until\tWed 31 Mar 2027" in result.out.splitlines()
    assert "active until: none -> Wed 31 Mar 2027" in result.out
    assert (await cli.run("staff", "change", staff, *options)).out == "Nothing to change.\n"
    assert len((await show_member(cli, staff))["changes"]) == 2


async def test_leaving_and_absence_print_how_many_complaints_they_hold(cli: CliRunner, staff: str) -> None:
    await cli.run("staff", "add", staff, "--name", "Mary", "--role", "manager", *UNPLACED)
    reference = await cli.open_complaint()
    await cli.run("reassign", reference, "--as", "l.one", "--to", staff, "--reason", "For her.")
    await cli.wait_until_recorded(reference)
    held = f"{staff} holds 1 open complaint. To give them to others:\n    complaints reassign --all-of {staff} --reason"
    today, tomorrow = now().date(), now().date() + timedelta(days=1)
    result = await cli.run("staff", "absent", staff, "--from", str(today), "--until", str(tomorrow))
    assert held in result.out
    assert "away until" in (await cli.run("staff", "list")).out
    assert staff not in (await cli.run("staff", "list", "--on", str(tomorrow))).out
    result = await cli.run("staff", "absent", staff, "--from", str(today), "--until", str(tomorrow), "--cancel")
    assert "holds" not in result.out
    assert staff in (await cli.run("staff", "list", "--on", str(tomorrow))).out
    assert held in (await cli.run("staff", "leave", staff)).out
    assert staff not in (await cli.run("staff", "list", "--on", str(tomorrow))).out
    assert (await show_member(cli, staff))["active_until"] == str(today)


async def test_importing_a_file_twice_changes_nothing(cli: CliRunner, staff: str) -> None:
    file = cli.folder / "staff.csv"
    file.write_text(f"id,name,roles\n{staff},Zoë,case_handler\n{staff}b,Bo,\n", encoding="utf-8-sig")
    assert (await cli.run("staff", "import", file, "--as", "op")).out == f"{staff}: added\n{staff}b: added\n"
    assert (await cli.run("staff", "import", file)).out == "2 of 2: nothing to change\n"
    file.write_text(f"id,name,roles\n{staff},Zoë,case_handler\n{staff}b,Bo,case_handler\n", encoding="utf-8")
    result = await cli.run("staff", "import", file, "--json", "--as", "op")
    assert [(each["staff"], each["changed"]) for each in result.json["changes"]] == [
        (f"{staff}b", {"roles": [[], ["case_handler"]]})
    ]
    assert result.json["unchanged"] == 1


async def test_a_file_with_an_error_changes_nothing(cli: CliRunner, staff: str) -> None:
    file = cli.folder / "staff.csv"
    file.write_text(f"id,name,roles\n{staff},Zoë,case_handler\nx y,,boss\n", encoding="utf-8")
    result = await cli("staff", "import", file)
    assert result.code == 2
    assert [line.split(": ")[1:3] for line in result.errors] == [
        ["line 3", "id"],
        ["line 3", "name"],
        ["line 3", "roles"],
    ]
    assert (await cli("staff", "show", staff)).code == 2


async def test_a_file_that_is_not_utf_8_is_bad_input(cli_offline: CliRunner) -> None:
    file = cli_offline.folder / "staff.csv"
    file.write_bytes("id,name\nzoe,Zoë\n".encode("cp1252"))
    result = await cli_offline("staff", "import", file)
    assert (result.code, result.err.startswith(f"FILE: {file} is not UTF-8 text")) == (2, True)
    result = await cli_offline("staff", "import", Path("/no/such/file"))
    assert (result.code, result.errors) == (2, ["FILE: /no/such/file cannot be read: No such file or directory"])


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        (
            ["add", "m o", "--role", "boss", "--email", "nowhere", "--from", "soon"],
            [
                "ID: give an id of up to 100 letters, digits and . _ @ + -",
                "--name: is needed",
                "--email: give an address that mail can be sent to, such as ada@example.org",
                "--role: there is no boss; give any of case_handler, manager, ",
                f"--from: {DATES}",
            ],
        ),
        (["change", "m.o"], ["ID: nothing to change; give at least one option, such as --role manager"]),
        (["change", "m.o", "--lead", "case_handler", "--name", ""], ["--name: give a text", "--lead: there is no"]),
        (["leave", "m.o", "--on", "soon"], [f"--on: {DATES}"]),
        (["absent", "m.o", "--from", "soon", "--until", "2027-01-01"], [f"--from: {DATES}"]),
        (
            ["absent", "m.o", "--from", "2027-01-02", "--until", "2027-01-01"],
            ["--until: the last day is before the first; give the first day first"],
        ),
        (["list", "--on", "soon"], [f"--on: {DATES}"]),
    ],
)
async def test_all_errors_are_listed_at_once(cli: CliRunner, command: list[str], errors: list[str]) -> None:
    result = await cli("staff", *command)
    assert result.code == 2
    assert [line.startswith(start) for line, start in zip(result.errors, errors, strict=True)] == [True] * len(
        errors
    ), result.errors


async def test_an_unknown_member_cannot_be_changed_nor_a_known_one_added(cli: CliRunner, staff: str) -> None:
    there_is_none = f"ID: there is no {staff}; "
    for command in (["change", staff, "--name", "M"], ["leave", staff], ["absent", staff], ["show", staff]):
        assert (await cli("staff", *command)).err.startswith(there_is_none)
    await cli.run("staff", "add", staff, "--name", "Mary")
    result = await cli("staff", "add", staff, "--name", "Mary")
    assert (result.code, result.errors) == (
        2,
        [f"ID: {staff} is in the directory already; use complaints staff change"],
    )
    result = await cli("staff", "absent", staff, "--cancel")
    assert result.errors == [f"--cancel: {staff} has no such absence; see complaints staff show {staff}"]


async def test_staff_commands_need_the_service(cli_offline: CliRunner) -> None:
    assert (await cli_offline("staff", "list")).code == 4


async def test_ids_are_the_same_in_capitals_and_small_letters(cli: CliRunner) -> None:
    await cli.run("staff", "add", "Cap.Ital", "--name", "Cap Ital", "--role", "manager", *UNPLACED, "--as", "OP")
    assert (await cli.run("staff", "show", "CAP.ITAL", "--json")).json["id"] == "cap.ital"
    reference = await cli.open_complaint()
    await cli.run("reassign", reference, "--as", "Lead", "--to", "CAP.ital", "--reason", "On leave.")
    assert (await cli.show(reference))["holder"] == "cap.ital"
    assert reference in (await cli.run("list", "--holder", "Cap.Ital")).out
