"""`calendar`: the holidays in force, and what is added to and struck from them."""

from datetime import date
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError

from admin.shared.actor import ActorOption
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, Reason, option
from complaints.procedure.field_types import Day, LongText, ShortText
from complaints.procedure.policy import PolicyError
from complaints.procedure.validation_messages import validation_errors

app = typer.Typer()
calendar = typer.Typer(
    no_args_is_help=True,
    help="The holidays in force, and what is added to and struck from them.",
    epilog="Example: complaints calendar show",
)

T = TypeVar("T")

EXAMPLE = "give a date such as 2026-12-09"

DAY, LINE, PASSAGE = TypeAdapter(Day), TypeAdapter(ShortText), TypeAdapter(LongText)

Region = Annotated[
    str | None, option("REGION", "england-and-wales, scotland or northern-ireland; else the policy's.", "--region")
]
OnDay = Annotated[str, typer.Argument(metavar="DATE", help="The day, such as 2022-09-19.")]


@calendar.command("show", epilog="Example: complaints calendar show --year 2027")
def show(
    region: Region = None,
    year: Annotated[str | None, option("YEAR", "Of this year; else of this one and the next.")] = None,
    json: Json = False,
) -> None:
    """Show the holidays in force, whence each is known, and every amendment with who, when and why."""
    from admin.calendar.actions import print_calendar
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    errors: list[str] = []
    policy = surroundings.policy()
    chosen = _region(region, policy.region, errors)
    if year is not None and not (year.isdecimal() and 1990 <= int(year) <= 2100):
        errors.append("--year: give a year from 1990 to 2100")
    if errors:
        raise bad_input(*errors)
    run(print_calendar(Connections(surroundings), policy, chosen, int(year) if year else None, as_json=json))


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
    """Add a holiday that the package does not know yet. Open complaints keep their dates until recalendar."""
    _amend(on, name, by, reason, region, json=json)


@calendar.command("strike", epilog="Example: complaints calendar strike 2027-05-03 --as op --reason 'It was moved.'")
def strike(on: OnDay, by: ActorOption = None, reason: Reason = None, region: Region = None, json: Json = False) -> None:
    """Strike a holiday: the day counts as a working day. Open complaints keep their dates until recalendar."""
    _amend(on, None, by, reason, region, json=json)


@calendar.command("diff", epilog="Example: complaints calendar diff")
def diff(json: Json = False) -> None:
    """Show in which days the calendars that open complaints carry are not the one in force."""
    from admin.calendar.actions import print_differences
    from admin.shared.connections import Connections, run

    run(print_differences(Connections(CommandContext.read()), as_json=json))


def _amend(on: str, name: str | None, by: str | None, reason: str | None, region: str | None, *, json: bool) -> None:
    from admin.calendar.actions import AmendmentRequest, amend_calendar
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    errors = id_errors("--as", STAFF_ID, by) if by else ["--as: is needed"]
    day = _read("DATE", DAY, on, errors)
    if name is not None:
        name = _read("NAME", LINE, name, errors)
    why = _read("--reason", PASSAGE, reason, errors) if reason is not None else None
    if reason is None:
        errors.append("--reason: is needed")
    chosen = _region(region, surroundings.policy().region, errors)
    if isinstance(day, date) and day.weekday() > 4:
        errors.append(f"DATE: {day:%Y-%m-%d} is a {day:%A}, and no working day in any case")
    if errors or day is None or by is None or why is None:
        raise bad_input(*errors)
    run(amend_calendar(Connections(surroundings), AmendmentRequest(chosen, day, name, by, why), as_json=json))


def _region(given: str | None, of_policy: str, errors: list[str]) -> str:
    from complaints.calendars.regions import region_known

    try:
        region_known(given or of_policy)
    except PolicyError as error:
        errors.append(f"--{error}")
    return given or of_policy


def _read(name: str, kind: TypeAdapter[T], given: str, errors: list[str]) -> T | None:
    try:
        return kind.validate_strings(given)
    except ValidationError as error:
        errors += [f"{name}: {EXAMPLE if kind is DAY else line}" for line in validation_errors(error)]
        return None


app.add_typer(calendar, name="calendar", rich_help_panel=Panel.CALENDAR)
