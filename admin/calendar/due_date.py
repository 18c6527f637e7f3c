"""Ask the service for a due date, and print it with each day counted or skipped."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from admin.shared.api import Api
from admin.shared.output import out, print_json
from admin.shared.records import print_records
from admin.shared.typed_dates import TypedDates
from complaints.procedure.dates.date_format import format_date

UNITS = ("working_days", "calendar_days", "weeks", "months", "hours")
FIELDS = {"from": "--from", "roll": "--roll", "region": "--region"} | {
    unit: f"--{unit.replace('_', '-')}" for unit in UNITS
}
"""The option of each field of the service."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def print_due_date(
    start: str, numbers: Mapping[str, str | None], by: str | None, *, roll: bool, region: str | None, as_json: bool
) -> None:
    """Print a due date. Raises CommandError with every error."""
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        begins = dates.day_or_instant("from", start)
        _check(dates, begins, numbers, roll=roll)
        query = {"from": begins, **numbers, "region": region, "roll": roll or None}
        with dates.all_errors():
            due = api.get("/calculate", **query)
        if not as_json:
            _print(due, begins, dates)
            return
    names = ("due_on", "deadline", "counted", "skipped")
    print_json({"from": start, **{name: due[name] for name in names}})


def _check(dates: TypedDates, begins: str, numbers: Mapping[str, str | None], *, roll: bool) -> None:
    """Add what is wrong with the options together, in their own names."""
    given = [unit for unit, number in numbers.items() if number is not None]
    if len(given) != 1:
        *others, last = (FIELDS[unit] for unit in UNITS)
        dates.add_error("working_days", f"give exactly one of {', '.join(others)} and {last}")
    if roll and {"working_days", "hours"}.intersection(given):
        dates.add_error("roll", "is for --calendar-days, --weeks and --months; leave it out")
    if "hours" in given and _DAY.fullmatch(begins):
        dates.add_error("from", "hours count from an instant; give one such as 2026-12-22T09:30Z")


def _print(due: Mapping[str, Any], begins: str, dates: TypedDates) -> None:
    local = dates.dates
    is_day = _DAY.fullmatch(begins) is not None
    shown = format_date(date.fromisoformat(begins)) if is_day else local.format(_instant(begins))
    deadline = _instant(due["deadline"])
    by = f"at {local.format(deadline)}" if due["is_elapsed"] else f"by the end of {_day(due['due_on'])}"
    out.print(f"{due['allowance']} from {shown} ({due['region']}): due {by}.")
    out.print(f"An act at {local.format(deadline)} or later is late.")
    print_days(due["counted"], due["skipped"])


def print_days(counted: list[str], skipped: list[dict[str, Any]]) -> None:
    """Print each day in order, counted or skipped, with the reason."""
    rows = [(day, f"day {number}") for number, day in enumerate(counted, start=1)]
    rows += [(day["on"], f"skipped: {day['why']}") for day in skipped]
    if rows:
        print_records("", ["day", "counted as"], ((_day(day), effect) for day, effect in sorted(rows)))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text))
