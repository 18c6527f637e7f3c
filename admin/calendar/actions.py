"""Reading and amending the calendar in force, and setting it beside what open complaints carry."""

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
from admin.shared.output import instant, out, print_json, printable, table
from complaints.calendars.amendments import Amendment, amended
from complaints.calendars.builder import bank_holidays
from complaints.formatting.plural import plural
from complaints.messages.staff_email import CARRIES, CARRY
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import amend, amendments_of
from complaints.records.stale_calendars import stale
from complaints.runtime.clock import now


@dataclass(frozen=True)
class AmendmentRequest:
    """An amendment to be made; `name` None: the day is struck."""

    region: str
    on: date
    name: str | None
    by: str
    reason: str


async def print_calendar(reach: Connections, policy: Policy, region: str, year: int | None, *, as_json: bool) -> None:
    """Raises CommandError."""
    this_year = now().astimezone(zone(policy.time_zone)).year
    first, last = (year, year) if year else (this_year, this_year + 1)
    async with reach.record() as engine:
        amendments = await amendments_of(engine, region)
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
    out.print(
        table(region, ["day", "holiday", "known from"], ((format_date(d["on"]), d["name"], d["from"]) for d in days))
    )
    if amendments:
        rows = (_row(amendment, ZoneInfo(policy.time_zone)) for amendment in amendments)
        out.print(table("Amendments", ["", "day", "", "by", "at", "why"], rows))


def _days(
    policy: Policy | None, region: str, first: int, last: int, amendments: Sequence[Amendment]
) -> list[dict[str, Any]]:
    """Each holiday in force and whence it is known; a struck one with no name."""
    package = bank_holidays(region, first, last)
    by_day = {amendment.on: amendment for amendment in amendments if first <= amendment.on.year <= last}
    known = amended(package, amendments)
    own = policy.holidays if policy else None
    days = []
    for day in sorted(package.keys() | by_day.keys() | (own.add.keys() if own else set())):
        if not first <= day.year <= last:
            continue
        name, source = known.get(day), "package"
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


async def amend_calendar(reach: Connections, wanted: AmendmentRequest, *, as_json: bool) -> None:
    """Raises CommandError: the calendar says so already."""
    async with reach.record() as engine:
        amendments = await amendments_of(engine, wanted.region)
        known = amended(bank_holidays(wanted.region, wanted.on.year, wanted.on.year), amendments).get(wanted.on)
        if wanted.name is None and known is None:
            raise bad_input(
                f"DATE: {format_date(wanted.on)} is no holiday in {wanted.region}, there is nothing to strike"
            )
        if wanted.name is not None and known is not None:
            raise bad_input(f"DATE: {format_date(wanted.on)} is a holiday in {wanted.region} already: {known}")
        made = await amend(engine, at=now(), **vars(wanted))
        touched = sum([1 async for _ in stale(engine, by=wanted.by)])
    if as_json:
        print_json({**made.model_dump(mode="json"), "open_complaints_with_another_calendar": touched})
        return
    what = (
        f"{format_date(made.on)} is a holiday: {made.name}"
        if made.name
        else f"{format_date(made.on)} counts: {known} is struck"
    )
    out.print(Text(printable(f"{made.region}, amendment {made.number}: {what}."), style="green"))
    out.print("New complaints take it in from now on.")
    if touched:
        out.print(f"{plural(touched, CARRIES, CARRY)} another calendar; see: complaints recalendar --dry-run")


async def print_differences(reach: Connections, *, as_json: bool) -> None:
    """Raises CommandError."""
    groups: Counter[tuple[str, str, tuple[CalendarChange, ...]]] = Counter()
    async with reach.record() as engine, aclosing(stale(engine, by="nobody")) as those:
        async for each in those:
            had, force = each.carried.calendar, each.act.calendar
            groups[had.version, force.version, tuple(had.changes_to(force))] += 1
    if as_json:
        print_json(
            {
                "differences": [
                    {
                        "carried": carried,
                        "in_force": in_force,
                        "complaints": number,
                        "days": [change.model_dump(mode="json") for change in changes],
                    }
                    for (carried, in_force, changes), number in groups.items()
                ]
            }
        )
        return
    if not groups:
        out.print("Every open complaint carries the working days in force.")
        return
    for (carried, in_force, changes), number in groups.items():
        out.print(Text(printable(f"{plural(number, CARRIES, CARRY)}: {carried}"), style="bold"))
        out.print(Text(printable(f"in force is: {in_force}")))
        rows = ((format_date(c.on), c.was or "a working day", c.now or "a working day") for c in changes)
        out.print(table("", ["day", "carried", "in force"], rows))
    out.print("Count their dates afresh: complaints recalendar --dry-run, then without.")
