"""Print and amend the calendar in force, and compare it with those of open complaints."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.shared.api import Api
from admin.shared.output import instant, out, print_json, printable
from admin.shared.records import print_records
from admin.shared.typed_dates import TypedDates, given
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_date

FIELDS: Mapping[str, str] = MappingProxyType(
    {"on": "DATE", "name": "NAME", "reason": "--reason", "region": "--region", "year": "--year"}
)
"""The argument or option of each field of the service."""


def print_calendar(region: str | None, year: int | None, by: str | None, *, as_json: bool) -> None:
    """Print the holidays of a year, else of the present one and the next, and every amendment."""
    with Api(by, FIELDS) as api:
        shown = api.get("/calendar", region=region, year=year)
        zone = ZoneInfo(api.get("/clock")["time_zone"]) if shown["amendments"] and not as_json else ZoneInfo("UTC")
    if as_json:
        print_json(shown)
        return
    holidays = ((_day(day["on"]), day["name"], day["from"]) for day in shown["days"])
    print_records(shown["region"], ["day", "holiday", "known from"], holidays)
    if shown["amendments"]:
        rows = (_row(amendment, zone) for amendment in shown["amendments"])
        print_records("Amendments", ["", "day", "", "by", "at", "why"], rows)


def amend_calendar(
    on: str, name: str | None, reason: str | None, region: str | None, by: str | None, *, as_json: bool
) -> None:
    """Add a holiday, or strike one where `name` is None, and print the amendment."""
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        body = given(on=dates.day("on", on), name=name, reason=reason, region=region)
        with dates.all_errors():
            made = api.post("/calendar/amendments", json=body)
    if as_json:
        print_json({name: value for name, value in made.items() if name != "struck"})
        return
    day = _day(made["on"])
    effect = f"{day} is a holiday: {made['name']}" if made["name"] else f"{day} counts: {made['struck']} is struck"
    out.print(Text(printable(f"{made['region']}, amendment {made['number']}: {effect}."), style="green"))
    out.print("New complaints use it within ten seconds.")
    if stale := made["open_complaints_with_another_calendar"]:
        out.print(f"{_carry(stale)} another calendar; see: complaints recalendar --dry-run")


def print_differences(by: str | None, *, as_json: bool) -> None:
    """Print the days that differ, by calendar version, with the number of complaints."""
    with Api(by, FIELDS) as api:
        compared = api.get("/calendar/differences")
    if as_json:
        print_json(compared)
        return
    if not compared["differences"]:
        out.print("Every open complaint carries the working days in force.")
        return
    for each in compared["differences"]:
        out.print(Text(printable(f"{_carry(each['complaints'])}: {each['carried']}"), style="bold"))
        out.print(Text(printable(f"in force is: {each['in_force']}")))
        rows = ((_day(d["on"]), d["was"] or "a working day", d["now"] or "a working day") for d in each["days"])
        print_records("", ["day", "carried", "in force"], rows)
    out.print("Recalculate their dates: complaints recalendar --dry-run, then without --dry-run.")


def _carry(number: int) -> str:
    return plural(number, "open complaint carries", "open complaints carry")


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text))


def _row(amendment: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    what = f"added: {amendment['name']}" if amendment["name"] else "struck"
    at = instant(datetime.fromisoformat(amendment["at"]), zone)
    return str(amendment["number"]), _day(amendment["on"]), what, amendment["by"], at, amendment["reason"]
