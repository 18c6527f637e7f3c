"""`calculate`: calculate a due date without a complaint."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer

from admin.shared.context import CommandContext
from admin.shared.dates import read_day_or_instant
from admin.shared.errors import CommandError, bad_input
from admin.shared.local_dates import LocalDates
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, code_option, option
from admin.shared.output import out, print_error, print_json
from admin.shared.records import print_records
from complaints.calendars.amendments import Amendment
from complaints.calendars.regions import REGION_NAMES, REGIONS
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.allowance import (
    MAX_CALENDAR_DAYS,
    MAX_HOURS,
    MAX_MONTHS,
    MAX_ROLLED_MONTHS,
    MAX_WEEKS,
    MAX_WORKING_DAYS,
    Allowance,
    Counting,
    DueInstant,
)
from complaints.procedure.dates.calendar import DAY, BeyondCalendarError, zone
from complaints.procedure.dates.date_format import format_date, format_instant
from complaints.procedure.field_types import LATEST_YEAR
from complaints.procedure.policy import Policy

app = typer.Typer()

LIMITS = {
    "working_days": MAX_WORKING_DAYS,
    "calendar_days": MAX_CALENDAR_DAYS,
    "weeks": MAX_WEEKS,
    "months": MAX_MONTHS,
    "hours": MAX_HOURS,
}


@app.command(
    "calculate",
    epilog="Example: complaints calculate --from 2026-12-22 --working-days 10",
    rich_help_panel=Panel.LOOKING,
)
def calculate(
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="Day 0: a day, or an instant with its offset.")],
    working_days: Annotated[str | None, option("N", "The allowance in working days; or one of the next four.")] = None,
    calendar_days: Annotated[str | None, option("N", "The allowance in calendar days.")] = None,
    weeks: Annotated[str | None, option("N", "The allowance in weeks.")] = None,
    months: Annotated[str | None, option("N", "The allowance in months.")] = None,
    hours: Annotated[str | None, option("N", "The allowance in hours, from an instant.")] = None,
    roll: Annotated[bool, typer.Option("--roll", help="Roll the last day to the next working day.")] = False,
    region: Annotated[
        str | None,
        code_option("REGION", f"{REGION_NAMES}; else the policy's.", REGIONS),
    ] = None,
    json: Json = False,
) -> None:
    """Calculate a due date, and show each day counted or skipped, with the reason."""
    numbers = {
        "working_days": working_days,
        "calendar_days": calendar_days,
        "weeks": weeks,
        "months": months,
        "hours": hours,
    }
    policy, start, allowance = _read(region, from_, numbers, roll)
    due, result = _calculate(policy, allowance, start)
    if json:
        print_json({"from": from_, **result})
    else:
        dates = LocalDates.of(policy)
        shown = dates.format(start) if isinstance(start, datetime) else format_date(start)
        by = f"by the end of {format_date(due.on)}"
        if allowance.counting is Counting.TIME:
            by = f"at {dates.format(due.at)}"
        out.print(f"{allowance} from {shown} ({policy.region}): due {by}.")
        out.print(f"An act at {format_instant(due.at, zone(policy.time_zone))} or later is late.")
        print_days(result["counted"], result["skipped"])


def _read(
    region: str | None, from_: str, numbers: dict[str, str | None], roll: bool
) -> tuple[Policy, date | datetime, Allowance]:
    """Read the options. Raises CommandError with every error."""
    policy = CommandContext.read().policy()
    errors: list[str] = []
    if region is not None and region not in REGIONS:
        errors.append(f"--region: {unknown_name(region, REGIONS)}")
    elif region is not None:
        policy = policy.model_copy(update={"region": region})
    start = read_day_or_instant(LocalDates.of(policy), "--from", from_, errors)
    limits = LIMITS | ({"months": MAX_ROLLED_MONTHS} if roll else {})
    counts = {
        unit: read_number(_option(unit), numbers[unit], errors, 1, highest)
        for unit, highest in limits.items()
        if numbers[unit] is not None
    }
    if len(counts) != 1:
        *others, last = map(_option, LIMITS)
        errors.append(f"--working-days: give exactly one of {', '.join(others)} and {last}")
    if roll and counts.keys() & {"working_days", "hours"}:
        errors.append("--roll: is for --calendar-days, --weeks and --months; leave it out")
    if "hours" in counts and start is not None and not isinstance(start, datetime):
        errors.append("--from: hours count from an instant; give one such as 2026-12-22T09:30Z")
    if errors or start is None:
        raise bad_input(*errors)
    return policy, start, Allowance.model_validate({**counts, "roll": roll})


def _option(unit: str) -> str:
    return f"--{unit.replace('_', '-')}"


def _calculate(policy: Policy, allowance: Allowance, start: date | datetime) -> tuple[DueInstant, dict[str, Any]]:
    at = start.astimezone(zone(policy.time_zone)) if isinstance(start, datetime) else None
    day_0 = at.date() if at else start
    from complaints.calendars.builder import calendar_between

    years = allowance.days_at_most // 365 + 2
    last = date(min(day_0.year + years, LATEST_YEAR), 12, 31)
    try:
        calendar = calendar_between(policy, date(day_0.year, 1, 1), last, _amendments(policy.region))
        due = allowance.due(calendar, DueInstant(day_0, at or calendar.at(day_0, policy.notices_at)))
        calendar.why_skipped(due.on)
        days = calendar.ledger(day_0, due.on) if allowance.working_days else []
        if allowance.roll:
            days = [day for day in calendar.ledger(allowance.unrolled_day(day_0) - DAY, due.on) if day.skipped]
    except (BeyondCalendarError, ValueError) as error:
        raise bad_input(f"--from: the due date lies beyond the calendar ({error}); give an earlier day") from error
    return due, {
        "due_on": due.on,
        "deadline": f"{due.at:%Y-%m-%dT%H:%M:%SZ}",
        "counted": [day.on for day in days if not day.skipped],
        "skipped": [{"on": day.on, "why": day.skipped} for day in days if day.skipped],
    }


def _amendments(region: str) -> Sequence[Amendment]:
    """Read a region's amendments; return none while the record is unavailable."""
    context = CommandContext.read()
    if context.settings.database_url is None:
        return ()
    from admin.shared.connections import Connections, run
    from complaints.records.calendar_amendments import list_amendments

    async def read() -> Sequence[Amendment]:
        async with Connections(context).record() as engine:
            return await list_amendments(engine, region)

    try:
        return run(read())
    except CommandError as error:
        print_error(f"{error}; calculated without the amendments to the calendar")
        return ()


def print_days(counted: list[date], skipped: list[dict[str, Any]]) -> None:
    """Print each day in order, counted or skipped, with the reason."""
    rows = [(day, f"day {number}") for number, day in enumerate(counted, start=1)]
    rows += [(day["on"], f"skipped: {day['why']}") for day in skipped]
    if rows:
        print_records("", ["day", "counted as"], ((format_date(day), effect) for day, effect in sorted(rows)))
