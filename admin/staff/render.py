"""Print the staff directory."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.shared.api import Api
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_facts, print_records
from admin.shared.typed_dates import TypedDates
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_date

LISTING = ("holds", "availability", "availability_day")
"""What the table shows besides a member's fields."""
FILTERS = {"role": "--role", "lead": "--lead", "team": "--team", "on": "--on"}


def print_directory(by: str | None, filters: Mapping[str, str | None], *, as_json: bool) -> None:
    """Print the members that fit. Raises CommandError."""
    with Api(by, FILTERS) as api:
        dates = TypedDates(api)
        query = {**filters, "on": dates.day("on", filters["on"])}
        with dates.all_errors():
            members = api.get("/staff", **query)
    if as_json:
        print_json_list(members)
    elif not members:
        is_empty = not any(filters.values())
        out.print("The directory is empty; see complaints staff import --help." if is_empty else "There is none.")
    else:
        headings = ["id", "name", "acts as", "leads", "for", "teams", "availability", "holds"]
        print_records("", headings, map(_row, members))


def print_json_list(members: list[dict[str, Any]]) -> None:
    import json

    from admin.shared.output import escape_controls

    kept = [{name: value for name, value in member.items() if name not in LISTING} for member in members]
    print(escape_controls(json.dumps(kept, indent=2, ensure_ascii=False)))


def print_member(by: str | None, staff: str, *, as_json: bool) -> None:
    """Print a member and their changes. Raises CommandError."""
    with Api(by, {"id": "ID"}) as api:
        member = api.get(f"/staff/{quote(staff, safe='')}")
        if as_json:
            changes = [{name: value for name, value in each.items() if name != "staff"} for each in member["changes"]]
            print_json({**member, "changes": changes})
            return
        zone = ZoneInfo(api.get("/clock")["time_zone"])
    out.print(Text(member["id"], style="bold"))
    print_facts(_facts(member))
    rows = (
        (instant(datetime.fromisoformat(each["at"]), zone), each["by"], line)
        for each in member["changes"]
        for line in describe_change(each["changed"])
    )
    print_records("Changes", ["when", "by", "what"], rows)


def _row(member: dict[str, Any]) -> tuple[str, ...]:
    steps = (humanize_code(", ".join(member[each])) for each in ("roles", "leads", "aspects"))
    teams = ", ".join(member["teams"])
    return member["id"], member["name"], *steps, teams, _availability(member), str(member["holds"])


def _availability(member: dict[str, Any]) -> str:
    """Say when a member is not available; empty if they are, and no last day is known."""
    if member["availability_day"] is None:
        return ""
    day = _day(member["availability_day"])
    words = {"not_yet": "from", "left": "left on", "away": "away until", "available": "until"}
    return f"{words[member['availability']]} {day}"


def _facts(member: dict[str, Any]) -> Iterable[tuple[str, str]]:
    yield "name", member["name"]
    yield "email", member["email"] or "as COMPLAINTS_STAFF_DOMAIN says"
    if member["subject"]:
        yield "subject", member["subject"]
    yield "acts as", humanize_code(", ".join(member["roles"])) or "none"
    yield "leads", humanize_code(", ".join(member["leads"])) or "none"
    yield "for", humanize_code(", ".join(member["aspects"])) or "anything"
    if member["teams"]:
        yield "teams", ", ".join(member["teams"])
    if member["active_from"]:
        yield "from", _day(member["active_from"])
    if member["active_until"]:
        yield "until", _day(member["active_until"])
    for absence in member["absences"]:
        yield "away", f"{_day(absence['since'])} to {_day(absence['until'])}"
    yield "holds", plural(member["holds"], "open complaint")


def describe_change(changed: Mapping[str, Any]) -> Iterable[str]:
    """Yield a line for each field that changed."""
    for name, (was, became) in changed.items():
        if name == "id":
            yield "added"
        elif "id" not in changed:
            yield f"{humanize_code(name)}: {_value(was)} -> {_value(became)}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, dict):
        return " to ".join(map(_value, value.values()))
    if isinstance(value, str) and _DAY.fullmatch(value):
        return _day(value)
    return str(value) if value else "none"


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text))


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
