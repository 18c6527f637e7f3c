"""`calendar`: the holidays in force, and their amendments."""

from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from admin.shared.actor import ActorOption
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.dates import read_day, read_year
from admin.shared.errors import bad_input
from admin.shared.local_dates import LocalDates
from admin.shared.options import Json, Panel, Reason, code_option, option
from admin.shared.pager import pager
from complaints.calendars.regions import REGION_NAMES, REGIONS
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.field_types import LongText, ShortText
from complaints.procedure.validation_messages import validation_errors

app = typer.Typer()
calendar = typer.Typer(
    no_args_is_help=True,
    help="The holidays in force: show them, add one, strike one.",
    epilog="Example: complaints calendar show",
)

SHORT_TEXT, LONG_TEXT = TypeAdapter[str](ShortText), TypeAdapter[str](LongText)

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
    json: Json = False,
) -> None:
    """Show the holidays in force, the source of each, and every amendment."""
    from admin.calendar.actions import print_calendar
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors: list[str] = []
    policy = context.policy()
    region_id = _region(region, policy.region, errors)
    year_number = read_year("--year", year, errors)
    if errors:
        raise bad_input(*errors)
    with pager():
        run(print_calendar(Connections(context), policy, region_id, year_number, as_json=json))


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
    _amend(on, name, by, reason, region, json=json)


@calendar.command("strike", epilog="Example: complaints calendar strike 2027-05-03 --as op --reason 'It was moved.'")
def strike(on: OnDay, by: ActorOption = None, reason: Reason = None, region: Region = None, json: Json = False) -> None:
    """Strike a holiday: the day becomes a working day.

    Open complaints keep their dates until complaints recalendar.
    """
    _amend(on, None, by, reason, region, json=json)


@calendar.command("diff", epilog="Example: complaints calendar diff")
def diff(json: Json = False) -> None:
    """Show the days on which the calendars of open complaints differ from the one in force."""
    from admin.calendar.actions import print_differences
    from admin.shared.connections import Connections, run

    with pager():
        run(print_differences(Connections(CommandContext.read()), as_json=json))


def _amend(on: str, name: str | None, by: str | None, reason: str | None, region: str | None, *, json: bool) -> None:
    from admin.calendar.actions import AmendmentRequest, amend_calendar
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors = id_errors("--as", STAFF_ID, by) if by else ["--as: is needed"]
    day = read_day(LocalDates.of(context.policy()), "DATE", on, errors)
    if name is not None:
        name = _read_text("NAME", SHORT_TEXT, name, errors)
    why = _read_text("--reason", LONG_TEXT, reason, errors) if reason is not None else None
    if reason is None:
        errors.append("--reason: is needed")
    region_id = _region(region, context.policy().region, errors)
    if day is not None and day.weekday() > 4:
        errors.append(f"DATE: {format_date(day)} is no working day in any case; give a weekday")
    if errors or day is None or by is None or why is None:
        raise bad_input(*errors)
    run(amend_calendar(Connections(context), AmendmentRequest(region_id, day, name, by, why), as_json=json))


def _region(option: str | None, of_policy: str, errors: list[str]) -> str:
    region = option or of_policy
    if region not in REGIONS:
        errors.append(f"--region: {unknown_name(region, REGIONS)}")
    return region


def _read_text(option: str, kind: TypeAdapter[str], text: str, errors: list[str]) -> str | None:
    try:
        return kind.validate_strings(text)
    except ValidationError as error:
        errors += [f"{option}: {line}" for line in validation_errors(error)]
        return None


app.add_typer(calendar, name="calendar", rich_help_panel=Panel.CALENDAR)
