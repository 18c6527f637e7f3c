"""`calendar`: the holidays in force, and their amendments."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, Reason, code_option, option
from admin.shared.pager import pager
from complaints.calendars.regions import REGION_NAMES, REGIONS
from complaints.formatting.limits import EARLIEST_YEAR, LATEST_YEAR

app = typer.Typer()
calendar = typer.Typer(
    no_args_is_help=True,
    help="The holidays in force: show them, add one, strike one.",
    epilog="Example: complaints calendar show",
)

Region = Annotated[
    str | None,
    code_option("REGION", f"{REGION_NAMES}; else the policy's.", REGIONS, "--region"),
]
OnDay = Annotated[str, typer.Argument(metavar="DATE", help="The day, such as 2022-09-19.")]


@calendar.command("show", epilog="Example: complaints calendar show --year 2027")
def show(
    region: Region = None,
    year: Annotated[
        str | None, option("YEAR", "The holidays of this year; else of the present year and the next.")
    ] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Show the holidays in force, the source of each, and every amendment."""
    errors: list[str] = []
    expected = f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
    year_number = read_number("--year", year, errors, EARLIEST_YEAR, LATEST_YEAR, expected)
    if errors:
        raise bad_input(*errors)
    from admin.calendar.actions import print_calendar

    with pager():
        print_calendar(region, year_number, by, as_json=json)


@calendar.command(
    "add", epilog='Example: complaints calendar add 2022-09-19 "State funeral" --as op --reason Announced.'
)
def add(
    on: OnDay,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The holiday's name.")],
    by: ActorOption = None,
    reason: Reason = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Add a holiday that the holidays package lacks.

    Open complaints keep their dates until complaints recalendar.
    """
    from admin.calendar.actions import amend_calendar

    amend_calendar(on, name, reason, region, by, as_json=json)


@calendar.command("strike", epilog="Example: complaints calendar strike 2027-05-03 --as op --reason 'It was moved.'")
def strike(on: OnDay, by: ActorOption = None, reason: Reason = None, region: Region = None, json: Json = False) -> None:
    """Strike a holiday: the day becomes a working day.

    Open complaints keep their dates until complaints recalendar.
    """
    from admin.calendar.actions import amend_calendar

    amend_calendar(on, None, reason, region, by, as_json=json)


@calendar.command("diff", epilog="Example: complaints calendar diff")
def diff(by: ActorOption = None, json: Json = False) -> None:
    """Show the days on which the calendars of open complaints differ from the one in force."""
    from admin.calendar.actions import print_differences

    with pager():
        print_differences(by, as_json=json)


app.add_typer(calendar, name="calendar", rich_help_panel=Panel.CALENDAR)
