"""`calculate`: when something is due, and why, without a complaint."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from admin.shared.context import CommandContext
from admin.shared.dates import read_day_or_instant
from admin.shared.errors import CommandError, bad_input
from admin.shared.options import Json, Panel, option
from admin.shared.output import out, print_error, print_json, table
from complaints.calendars.amendments import Amendment
from complaints.procedure.dates.allowance import Allowance, DueInstant
from complaints.procedure.dates.calendar import BeyondCalendarError, zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy, PolicyError
from complaints.procedure.validation_messages import validation_errors

app = typer.Typer()

WORKING_DAYS_A_YEAR = 200
"""Fewer than there are, so that the calendar reaches far enough."""
LAST_YEAR = 2199


@app.command(
    "calculate",
    epilog="Example: complaints calculate --from 2026-12-22 --working-days 10",
    rich_help_panel=Panel.LOOKING,
)
def calculate(
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="Day 0: a day, or an instant with an offset.")],
    working_days: Annotated[str | None, option("N", "So many working days.")] = None,
    months: Annotated[str | None, option("N", "So many months.")] = None,
    region: Annotated[str | None, option("REGION", "england-and-wales, scotland or northern-ireland.")] = None,
    json: Json = False,
) -> None:
    """Reckon a due date, with every day counted or skipped, and why."""
    policy, start, allowance = _read(region, from_, working_days, months)
    due, result = _reckon(policy, allowance, start)
    if json:
        print_json({"from": from_, **result})
    else:
        out.print(f"{allowance} from {from_} ({policy.region}): due by the end of {format_date(due.on)}.")
        out.print(f"The deadline is the instant {due.at:%Y-%m-%dT%H:%M:%SZ}; an act at that instant is late.")
        print_days(result["counted"], result["skipped"])


def _read(
    region: str | None, from_: str, working_days: str | None, months: str | None
) -> tuple[Policy, date | datetime, Allowance]:
    """Raises CommandError with every mistake."""
    from complaints.calendars.regions import region_known

    policy = CommandContext.read().policy()
    errors: list[str] = []
    try:
        if region is not None:
            region_known(region)
            policy = policy.model_copy(update={"region": region})
    except PolicyError as error:
        errors.append(f"--{error}")
    try:
        start = read_day_or_instant("--from", from_)
    except CommandError as error:
        errors += error.lines
    try:
        if (working_days is None) == (months is None):
            errors.append("--working-days: give either --working-days or --months")
        else:
            allowance = Allowance.model_validate({"working_days": working_days, "months": months})
    except ValidationError as error:
        errors += [f"--{line.replace('_', '-', 1)}" for line in validation_errors(error)]
    if errors:
        raise bad_input(*errors)
    return policy, start, allowance


def _reckon(policy: Policy, allowance: Allowance, start: date | datetime) -> tuple[DueInstant, dict[str, Any]]:
    at = start.astimezone(zone(policy.time_zone)) if isinstance(start, datetime) else None
    day_0 = at.date() if at else start
    from complaints.calendars.builder import calendar_between

    years = (allowance.working_days or 0) // WORKING_DAYS_A_YEAR + (allowance.months or 0) // 12 + 2
    last = date(min(day_0.year + years, LAST_YEAR), 12, 31)
    calendar = calendar_between(policy, date(day_0.year, 1, 1), last, _amendments(policy.region))
    try:
        due = allowance.due(calendar, DueInstant(day_0, at or calendar.at(day_0, policy.notices_at)))
    except (BeyondCalendarError, ValueError) as error:
        raise bad_input(f"--from: too far ahead ({error})") from error
    days = calendar.ledger(day_0, due.on) if allowance.working_days else []
    return due, {
        "due_on": due.on,
        "deadline": f"{due.at:%Y-%m-%dT%H:%M:%SZ}",
        "counted": [day.on for day in days if not day.skipped],
        "skipped": [{"on": day.on, "why": day.skipped} for day in days if day.skipped],
    }


def _amendments(region: str) -> Sequence[Amendment]:
    """What the record adds to the region's holidays and strikes from them; without a record in reach, nothing."""
    surroundings = CommandContext.read()
    if surroundings.settings.database_url is None:
        return ()
    from admin.shared.connections import Connections, run
    from complaints.records.calendar_amendments import amendments_of

    async def read() -> Sequence[Amendment]:
        async with Connections(surroundings).record() as engine:
            return await amendments_of(engine, region)

    try:
        return run(read())
    except CommandError as error:
        print_error(f"{error}; reckoned without what was added to the calendar")
        return ()


def print_days(counted: list[date], skipped: list[dict[str, Any]]) -> None:
    """A ledger: each day in order, counted or skipped and why."""
    rows = [(day, f"day {number}") for number, day in enumerate(counted, start=1)]
    rows += [(day["on"], f"skipped: {day['why']}") for day in skipped]
    if rows:
        out.print(table("", ["day", "counted as"], ((format_date(day), what) for day, what in sorted(rows))))
