"""Invalid input: every error at once, by option, before any connection is opened."""

import shlex

import pytest

from admin.command_index import COMMANDS
from admin.shared.options import Panel
from complaints.procedure.enums import Aspect
from tests.admin.cli_runner import CliRunner
from tests.fixtures.random_acts import RANDOM_ACT_TYPES

A_DAY = "give a date such as 2026-12-09, 9 December 2026, 09/12/2026 or today"
AN_INSTANT = f"{A_DAY}, with or without a time such as 10:30"
A_REMEDY = "give apology, action:TEXT or compensation:POUNDS, such as compensation:75 or compensation:1,000.00"
A_REFERENCE = "REF: give a reference of up to 64 letters, digits and . _ -"
AN_ASPECT = f"--aspect: give {', '.join(list(Aspect)[:-1])} or data_protection"


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        (
            "reply 'C 1' --as m.okafor --outcome maybe --sent-at soon --remedy money --remedy compensation:7.5",
            [
                A_REFERENCE,
                f"--remedy: 'money' is not valid; {A_REMEDY}",
                f"--remedy: 'compensation:7.5' is not valid; {A_REMEDY}",
                f"--sent-at: {AN_INSTANT}",
                "--outcome: give upheld, partly_upheld or not_upheld",
                "--findings: is needed",
            ],
        ),
        (
            "reply C-1 --as m.okafor --outcome not_upheld --findings x --remedy apology",
            ["--remedy: a complaint that is not upheld has none; leave them out"],
        ),
        (
            "reply C-1 --as m.okafor --outcome upheld --findings x --remedy compensation:0",
            ["--remedy: 'compensation:0' is not valid; give from 0.01 to 1,000,000 pounds"],
        ),
        (
            "reply C-1 --as m.okafor --outcome upheld --findings x --remedy apology --by 2030-01-02",
            ["--by: there is no action or compensation to carry out; leave it out"],
        ),
        (
            "reply C-1 --as m.okafor --outcome upheld --findings x --findings-file y",
            ["--findings: is given, and --findings-file too; give one of them"],
        ),
        (
            "reply C-1 --as m.okafor --outcome upheld --findings-file /no/such/file",
            ["--findings-file: /no/such/file cannot be read: No such file or directory"],
        ),
        ("extend C-1 --to soon", [f"--to: {A_DAY}", "--explanation: is needed"]),
        (
            "give-opinion C-1",
            ["--satisfactory or --unsatisfactory: is needed", "--explanation: is needed"],
        ),
        (
            "give-opinion C-1 --as i.assessor --satisfactory --explanation x --recommend apology",
            ["--recommend: a satisfactory service has none; leave them out"],
        ),
        (
            "answer-recommendation C-1 one --as lead.manager",
            ["N: give a whole number", "--accept or --decline: is needed"],
        ),
        (
            "answer-recommendation C-1 1 --as lead.manager --decline",
            ["--reason: is needed to decline a recommendation"],
        ),
        (
            "answer-recommendation C-1 1 --as lead.manager --decline --reason x --by 2030-01-02",
            ["--by: a declined recommendation is not carried out; leave it out"],
        ),
        ("carry-out C-1 0 --as lead.manager", ["N: give 1 or more"]),
        ("classify C-1 1 --as lead.manager --aspect slow", [AN_ASPECT, "--reason: is needed"]),
        ("acknowledge C-1 --as m.okafor --id ''", ["--id: must not be empty"]),
        ("acknowledge C-1 --as m.okafor --channel fax", ["--channel: give email or post"]),
        ("withdraw C-1 --as m.okafor --reason ' '", ["--reason: must not be empty"]),
        ("case-closed C-1 --as m.okafor --on 2026-02-30", ["--on: there is no such day; correct it"]),
        (
            "reply C-1 --as m.okafor --outcome 'Partly Upheld' --findings x --remedy compensation:1,00",
            [f"--remedy: 'compensation:1,00' is not valid; {A_REMEDY}"],
        ),
        ("classify C-1 1 --as m.okafor --aspect dealy --reason x", ["--aspect: there is no such value; delay?"]),
        ("list --status close", ["--status: there is no close; closed?"]),
        ("report timeliness --from 2026-04-01 --to 2026-04-30 --by teir", ["--by: there is no teir; tier?"]),
    ],
)
async def test_every_error_found_by_the_service_names_its_option(
    cli: CliRunner, command: str, errors: list[str]
) -> None:
    result = await cli(*shlex.split(command))
    assert (result.code, result.errors, result.out) == (2, errors, "")
    result = await cli(*shlex.split(command), "--json")
    assert (result.code, result.json) == (2, {"error": errors})


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        ("reply C-1 --as 'm o'", ["--as: give an id of up to 100 letters, digits and . _ @ + -"]),
        ("show 'C 1'", [A_REFERENCE]),
        ("explain /", [A_REFERENCE]),
        (
            "advance 'C 1' --days 0",
            [
                A_REFERENCE,
                "--days: give a whole number from 1 to 3,650",
            ],
        ),
        ("advance C-1", ["--days: give either --days or --to-next-due"]),
        ("advance C-1 --days 1 --to-next-due", ["--days: give either --days or --to-next-due"]),
        ("show", ["REF: is needed"]),
        ("show C-1 --wordz", ["--wordz: there is no such option; --words?"]),
        ("sing", ["sing: there is no such command; see --help"]),
        ("shw C-1", ["shw: there is no such command; show?"]),
        ("show C-1 C-2", ["C-2: not expected; put a text with spaces in quotes"]),
    ],
)
async def test_every_error_names_its_option(cli_offline: CliRunner, command: str, errors: list[str]) -> None:
    result = await cli_offline(*shlex.split(command))
    assert (result.code, result.errors, result.out) == (2, errors, "")
    result = await cli_offline(*shlex.split(command), "--json")
    assert (result.code, result.json) == (2, {"error": errors})


@pytest.mark.parametrize(
    ("options", "errors"),
    [
        (
            "--from soon --working-days 0 --region mars",
            [
                f"--from: {AN_INSTANT}",
                "--working-days: give a whole number from 1 to 400",
                "--region: there is no mars; give england-and-wales, scotland or northern-ireland",
            ],
        ),
        (
            "--from 2026-12-22",
            ["--working-days: give exactly one of --working-days, --calendar-days, --weeks, --months and --hours"],
        ),
        ("--from 2026-12-22 --months x", ["--months: give a whole number from 1 to 600"]),
        (
            "--from 2026-12-22 --hours 4 --roll",
            [
                "--roll: is for --calendar-days, --weeks and --months; leave it out",
                "--from: hours count from an instant; give one such as 2026-12-22T09:30Z",
            ],
        ),
        ("--from 2026-12-22 --months 24 --roll", ["--months: give a whole number from 1 to 23"]),
        ("--from 1899-12-31 --months 1", ["--from: give a year from 1900 to 2199"]),
    ],
)
async def test_every_error_of_a_calculation_names_its_option(cli: CliRunner, options: str, errors: list[str]) -> None:
    result = await cli("calculate", *shlex.split(options))
    assert (result.code, result.errors, result.out) == (2, errors, "")


async def test_the_actor_may_come_from_the_environment(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLAINTS_STAFF", "m.okafor")
    result = await cli("settle", "C-1")
    assert result.errors == ["--explanation: is needed"]


async def test_a_date_too_far_ahead_is_an_error(cli: CliRunner) -> None:
    result = await cli("calculate", "--from", "2199-12-31", "--working-days", "1")
    assert (result.code, result.err.startswith("--from: the due date lies beyond the calendar ")) == (2, True)


async def test_calculate_lists_each_day(cli: CliRunner) -> None:
    result = await cli.run("calculate", "--from", "2026-12-22T23:30Z", "--working-days", "10", "--region", "scotland")
    assert "10 working days from Tue 22 Dec 2026 23:30 (scotland): due by the end of Mon 11 Jan 2027." in result.out
    assert "Mon 4 Jan 2027\tskipped: " in result.out
    result = await cli.run("calculate", "--from", "2027-01-31", "--months", "1")
    assert "due by the end of Sun 28 Feb 2027." in result.out
    result = await cli.run("calculate", "--from", "2026-12-18", "--weeks", "1", "--roll")
    assert "1 week (rolled to a working day) from Fri 18 Dec 2026" in result.out
    assert "due by the end of Tue 29 Dec 2026." in result.out
    assert "Sat 26 Dec 2026\tskipped: " in result.out
    result = await cli.run("calculate", "--from", "2027-03-27T12:00Z", "--hours", "24")
    assert "due at Sun 28 Mar 2027 13:00." in result.out


async def test_an_internal_error_is_one_line(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("admin.calendar.due_date.print_days", fails)
    result = await cli("calculate", "--from", "2026-12-22", "--months", "1")
    assert (result.code, result.errors) == (1, ["internal error: ZeroDivisionError: of all things; please report it"])


async def test_help_groups_the_commands_by_user(cli_offline: CliRunner) -> None:
    result = await cli_offline.run("--help")
    panels = [*Panel]
    assert sorted(panels, key=lambda panel: result.out.index(f"─ {panel} ─")) == panels
    assert "Exit codes: 0 done" in result.out


async def test_each_command_has_an_example(cli_offline: CliRunner) -> None:
    names = [command.name for command in COMMANDS]
    assert len(names) == len(RANDOM_ACT_TYPES) + 25
    for name in names:
        result = await cli_offline.run(name, "--help")
        assert f"Example: complaints {name}" in result.out


async def test_codes_are_read_however_they_are_written(cli: CliRunner) -> None:
    for region in ("England and Wales", "ENGLAND_AND_WALES", "england-and-wales"):
        await cli.run("calculate", "--from", "22 Dec 2026", "--months", "1", "--region", region)
    bad_day = f"--due-before: {AN_INSTANT}"
    listed = ("list", "--status", "Awaiting-Reply", "--tier", "Customer Complaints team", "--due-before", "soon")
    assert (await cli(*listed)).errors == [bad_day]
    member = ("staff", "add", "x", "--name", "y", "--role", "Customer Complaints Team", "--aspect", "Not kept-updated")
    assert (await cli(*member, "--from", "soon")).errors == [f"--from: {A_DAY}"]
    report = ("report", "timeliness", "--by", "TIER", "--from", "soon", "--to", "today")
    assert (await cli(*report)).errors == [f"--from: {A_DAY}"]


@pytest.mark.parametrize("amount", ["75", "75.00", "£75.00", "£75", "1,000.00", "£1,000,000", "0.01", " £75 "])
async def test_amounts_are_read_as_people_write_them(cli: CliRunner, amount: str) -> None:
    remedy = f"Compensation:{amount}"
    result = await cli("reply", "C-1", "--as", "m.okafor", "--outcome", "UPHELD", "--remedy", remedy)
    assert result.errors == ["--findings: is needed"]


@pytest.mark.parametrize("amount", ["1,00", "75.0", "75.", ".75", "£", "", "1,0000", "10,00.00", "-5", "0", "1,000,0"])
async def test_other_amounts_are_refused(cli: CliRunner, amount: str) -> None:
    remedy = f"compensation:{amount}"
    result = await cli("reply", "C-1", "--as", "m.okafor", "--outcome", "upheld", "--remedy", remedy)
    assert result.errors[0].startswith(f"--remedy: {remedy!r} is not valid; give ")
