"""What a complaint starts with: the policy and the calendar in force, as plain data of a known version (R14)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from importlib import metadata
from types import MappingProxyType

import holidays

from complaints.calendars.amendments import Amendment, amended
from complaints.calendars.regions import region_known
from complaints.procedure.dates.calendar import WorkingCalendar, months_after, zone
from complaints.procedure.policy import Policy

BEFORE_RECEIPT_MONTHS = -12
AHEAD_MONTHS = 48


def calendar_between(policy: Policy, first: date, last: date, amendments: Sequence[Amendment] = ()) -> WorkingCalendar:
    """The policy's region's bank holidays as the amendments leave them, with what the policy adds and strikes.

    `amendments` are those of the policy's region.
    """
    known = amended(bank_holidays(policy.region, first.year, last.year), amendments)
    named = {day: name for day, name in known.items() if day not in policy.holidays.strike} | policy.holidays.add
    return WorkingCalendar(
        version=_version(policy, amendments),
        region=policy.region,
        time_zone=policy.time_zone,
        first=first,
        last=last,
        holidays={day: name for day, name in sorted(named.items()) if first <= day <= last},
    )


def _version(policy: Policy, amendments: Sequence[Amendment]) -> str:
    number = f", amendment {amendments[-1].number}" if amendments else ""
    return f"{policy.region}, holidays {_package()}{number}, {policy.name}"


@lru_cache
def _package() -> str:
    """Its version. Kept, for looking it up takes 1.5 ms."""
    return metadata.version("holidays")


@lru_cache
def bank_holidays(region: str, first_year: int, last_year: int) -> Mapping[date, str]:
    """Kept, for every complaint that is opened in a year asks for the same, and the package takes 5 ms."""
    country, subdivision = region_known(region)
    years = range(first_year, last_year + 1)
    return MappingProxyType(dict(holidays.country_holidays(country, subdiv=subdivision, years=years)))


def calendar_for(
    policy: Policy, received_at: datetime, now: datetime, amendments: Sequence[Amendment] = ()
) -> WorkingCalendar:
    """From a year before receipt to four years from now (both to whole years)."""
    local = zone(policy.time_zone)
    first = months_after(received_at.astimezone(local).date(), BEFORE_RECEIPT_MONTHS)
    last = months_after(max(now, received_at).astimezone(local).date(), AHEAD_MONTHS)
    return calendar_between(policy, date(first.year, 1, 1), date(last.year, 12, 31), amendments)


def further_years(policy: Policy, calendar: WorkingCalendar, amendments: Sequence[Amendment] = ()) -> WorkingCalendar:
    """The four years after those which a complaint's calendar knows."""
    return calendar_between(policy, calendar.last, months_after(calendar.last, AHEAD_MONTHS), amendments)


def calendar_in_force(policy: Policy, known: WorkingCalendar, amendments: Sequence[Amendment] = ()) -> WorkingCalendar:
    """The same days as a complaint knows, as they are counted today."""
    return calendar_between(policy, known.first, known.last, amendments)
