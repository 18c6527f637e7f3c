"""Print and amend the calendar in force, and compare it with those of open complaints."""

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.shared.connections import Connections
from admin.shared.errors import bad_input
from admin.shared.output import instant, out, print_json, printable
from admin.shared.records import print_records
from admin.shared.staff_names import check_known
from complaints.calendars.amendments import Amendment, apply_amendments
from complaints.calendars.builder import bank_holidays
from complaints.formatting.plural import plural
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import add_amendment, list_amendments
from complaints.records.stale_calendars import list_stale
from complaints.runtime.clock import now


@dataclass(frozen=True)
class AmendmentRequest:
    """An amendment to make: a holiday added, or struck where `name` is None."""

    region: str
    on: date
    name: str | None
    by: str
    reason: str


async def print_calendar(
    connections: Connections, policy: Policy, region: str, year: int | None, *, as_json: bool
) -> None:
    """Print the holidays of a year, else of the present one and the next, and every amendment."""
    this_year = now().astimezone(zone(policy.time_zone)).year
    first, last = (year, year) if year else (this_year, this_year + 1)
    async with connections.record() as engine:
        amendments = await list_amendments(engine, region)
    days = _days(policy if policy.region == region else None, region, first, last, amendments)
    if as_json:
        print_json(
            {
                "region": region,
                "version": amendments[-1].number if amendments else 0,
                "days": days,
                "amendments": [amendment.model_dump(mode="json") for amendment in amendments],
            }
        )
        return
    holidays = ((format_date(day["on"]), day["name"], day["from"]) for day in days)
    print_records(region, ["day", "holiday", "known from"], holidays)
    if amendments:
        rows = (_row(amendment, ZoneInfo(policy.time_zone)) for amendment in amendments)
        print_records("Amendments", ["", "day", "", "by", "at", "why"], rows)


def _days(
    policy: Policy | None, region: str, first: int, last: int, amendments: Sequence[Amendment]
) -> list[dict[str, Any]]:
    """List each holiday with its source, also struck ones, which count as working days."""
    package = bank_holidays(region, first, last)
    by_day = {amendment.on: amendment for amendment in amendments if first <= amendment.on.year <= last}
    in_force = apply_amendments(package, amendments)
    own = policy.holidays if policy else None
    days = []
    for day in sorted(package.keys() | by_day.keys() | (own.add.keys() if own else set())):
        if not first <= day.year <= last:
            continue
        name, source = in_force.get(day), "package"
        if day in by_day:
            source = f"amendment {by_day[day].number}"
        if policy and own and (day in own.add or day in own.strike):
            name, source = own.add.get(day), f"policy {policy.name}"
        if name or day in package:
            struck = "" if name else f"struck: {package.get(day)}"
            days.append({"on": day, "name": name or struck, "counts": name is None, "from": source})
    return days


def _row(amendment: Amendment, there: ZoneInfo) -> tuple[str, ...]:
    what = f"added: {amendment.name}" if amendment.name else "struck"
    at = instant(amendment.at, there)
    return str(amendment.number), format_date(amendment.on), what, amendment.by, at, amendment.reason


async def amend_calendar(connections: Connections, request: AmendmentRequest, *, as_json: bool) -> None:
    """Add an amendment and print it. Raises CommandError if the calendar says so already."""
    async with connections.record() as engine:
        await check_known(engine, "--as", request.by)
        amendments = await list_amendments(engine, request.region)
        holiday = apply_amendments(bank_holidays(request.region, request.on.year, request.on.year), amendments).get(
            request.on
        )
        if request.name is None and holiday is None:
            raise bad_input(f"DATE: {format_date(request.on)} is no holiday in {request.region}; nothing to strike")
        if request.name is not None and holiday is not None:
            raise bad_input(f"DATE: {format_date(request.on)} is a holiday in {request.region} already ({holiday})")
        amendment = await add_amendment(engine, at=now(), **vars(request))
        stale_count = sum([1 async for _ in list_stale(engine, by=request.by)])
    if as_json:
        print_json({**amendment.model_dump(mode="json"), "open_complaints_with_another_calendar": stale_count})
        return
    effect = (
        f"{format_date(amendment.on)} is a holiday: {amendment.name}"
        if amendment.name
        else f"{format_date(amendment.on)} counts: {holiday} is struck"
    )
    out.print(Text(printable(f"{amendment.region}, amendment {amendment.number}: {effect}."), style="green"))
    out.print("New complaints use it from now on.")
    if stale_count:
        out.print(f"{_carry(stale_count)} another calendar; see: complaints recalendar --dry-run")


def _carry(number: int) -> str:
    return plural(number, "open complaint carries", "open complaints carry")


async def print_differences(connections: Connections, *, as_json: bool) -> None:
    """Print the days that differ, by calendar version, with the number of complaints."""
    groups: Counter[tuple[str, str, tuple[CalendarChange, ...]]] = Counter()
    async with connections.record() as engine, aclosing(list_stale(engine, by="nobody")) as complaints:
        async for complaint in complaints:
            carried, in_force = complaint.carried.calendar, complaint.act.calendar
            groups[carried.version, in_force.version, tuple(carried.changes_to(in_force))] += 1
    if as_json:
        print_json(
            {
                "differences": [
                    {
                        "carried": version,
                        "in_force": version_in_force,
                        "complaints": number,
                        "days": [change.model_dump(mode="json") for change in changes],
                    }
                    for (version, version_in_force, changes), number in groups.items()
                ]
            }
        )
        return
    if not groups:
        out.print("Every open complaint carries the working days in force.")
        return
    for (version, version_in_force, changes), number in groups.items():
        out.print(Text(printable(f"{_carry(number)}: {version}"), style="bold"))
        out.print(Text(printable(f"in force is: {version_in_force}")))
        rows = ((format_date(c.on), c.was or "a working day", c.now or "a working day") for c in changes)
        print_records("", ["day", "carried", "in force"], rows)
    out.print("Recalculate their dates: complaints recalendar --dry-run, then without --dry-run.")
