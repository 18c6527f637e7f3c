"""The calendar in force: show it, amend it, compare it with those of open complaints (R14)."""

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment, apply_amendments
from complaints.calendars.builder import bank_holidays
from complaints.calendars.regions import REGIONS
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.field_types import Day, LongText, ShortText
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import add_amendment, list_amendments
from complaints.records.stale_calendars import list_stale
from complaints.runtime.clock import now
from starter.api.problems import invalid_fields
from starter.service.models import AnswerModel, RequestModel

FRIDAY = 4


def check_region(region: str) -> str:
    if region not in REGIONS:
        raise ValueError(unknown_name(region, REGIONS))
    return region


def check_weekday(day: date) -> date:
    if day.weekday() > FRIDAY:
        raise ValueError(f"{format_date(day)} is no working day in any case; give a weekday")
    return day


Region = Annotated[str, AfterValidator(check_region)]


class NewAmendment(RequestModel):
    """A holiday that the calendar lacks, or one that it has wrongly."""

    on: Annotated[Day, AfterValidator(check_weekday)]
    name: ShortText | None = None
    """The holiday's name; none: the day is struck, and counts as a working day."""
    reason: LongText
    region: Region | None = None
    """None: the region of the policy."""


class AmendmentMade(Amendment):
    """An amendment, with the complaints to which recalculation would give it."""

    struck: str | None
    """The name of the holiday that was struck; empty for one that was added."""
    open_complaints_with_another_calendar: int


class Holiday(AnswerModel):
    """A day, its name, and where that comes from."""

    model_config = ConfigDict(populate_by_name=True)

    on: date
    name: str
    """Of a struck holiday: `struck`, and its name."""
    counts: bool
    """Whether the day counts as a working day, because it was struck."""
    source: Annotated[str, Field(alias="from")]
    """`package`, an amendment's number, or the policy."""


class CalendarView(AnswerModel):
    """The holidays in force in a region, and every amendment."""

    region: str
    version: int
    """How many amendments there are."""
    days: list[Holiday]
    amendments: list[Amendment]


class CalendarDifference(AnswerModel):
    """A calendar that open complaints carry, and the one in force."""

    carried: str
    in_force: str
    complaints: int
    """How many carry it."""
    days: list[CalendarChange]


class CalendarDifferences(AnswerModel):
    """The calendars of open complaints that are not the one in force."""

    differences: list[CalendarDifference]


async def show_calendar(engine: AsyncEngine, policy: Policy, region: str | None, year: int | None) -> CalendarView:
    """Return the holidays of a year, else of the present one and the next, and every amendment."""
    region = region or policy.region
    this_year = now().astimezone(zone(policy.time_zone)).year
    first, last = (year, year) if year else (this_year, this_year + 1)
    amendments = await list_amendments(engine, region)
    return CalendarView(
        region=region,
        version=amendments[-1].number if amendments else 0,
        days=_days(policy if policy.region == region else None, region, first, last, amendments),
        amendments=list(amendments),
    )


async def amend_calendar(engine: AsyncEngine, policy: Policy, new: NewAmendment, by: str) -> AmendmentMade:
    """Amend the calendar. Raises ProblemError if it says so already."""
    region, on = new.region or policy.region, new.on
    amendments = await list_amendments(engine, region)
    holiday = apply_amendments(bank_holidays(region, on.year, on.year), amendments).get(on)
    if new.name is None and holiday is None:
        raise invalid_fields([f"on: {format_date(on)} is no holiday in {region}; nothing to strike"])
    if new.name is not None and holiday is not None:
        raise invalid_fields([f"on: {format_date(on)} is a holiday in {region} already ({holiday})"])
    made = await add_amendment(engine, region=region, on=on, name=new.name, by=by, at=now(), reason=new.reason)
    stale = sum([1 async for _ in list_stale(engine, by=by)])
    struck = None if new.name else holiday
    return AmendmentMade(**made.model_dump(), struck=struck, open_complaints_with_another_calendar=stale)


async def compare_calendars(engine: AsyncEngine) -> CalendarDifferences:
    """List the days that differ, by calendar version, with the number of complaints."""
    groups: Counter[tuple[str, str, tuple[CalendarChange, ...]]] = Counter()
    async with aclosing(list_stale(engine, by="nobody")) as complaints:
        async for complaint in complaints:
            carried, in_force = complaint.carried.calendar, complaint.act.calendar
            groups[carried.version, in_force.version, tuple(carried.changes_to(in_force))] += 1
    return CalendarDifferences(
        differences=[
            CalendarDifference(carried=carried, in_force=in_force, complaints=number, days=list(days))
            for (carried, in_force, days), number in groups.items()
        ]
    )


def _days(policy: Policy | None, region: str, first: int, last: int, amendments: Sequence[Amendment]) -> list[Holiday]:
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
            days.append(Holiday(on=day, name=name or struck, counts=name is None, source=source))
    return days
