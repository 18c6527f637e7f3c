"""Build the working calendar of a complaint: plain data, with a version (R14)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from importlib import metadata
from types import MappingProxyType

import holidays

from complaints.calendars.amendments import Amendment, apply_amendments
from complaints.calendars.regions import holidays_key
from complaints.procedure.dates.calendar import DAY, BeyondCalendarError, WorkingCalendar, months_after, zone
from complaints.procedure.policy import Policy

MONTHS_BEFORE_RECEIPT = -12
MONTHS_AHEAD = 48


def calendar_between(policy: Policy, first: date, last: date, amendments: Sequence[Amendment] = ()) -> WorkingCalendar:
    """Build a calendar from bank holidays, their amendments and the policy's own changes.

    `amendments` are those of the policy's region. The calendar ends with the last year whose bank holidays are known;
    raises BeyondCalendarError if it would begin after that.
    """
    last = min(last, last_known_day(policy.region))
    if first > last:
        raise BeyondCalendarError(f"the bank holidays of {policy.region} are known until {last} only")
    amended = apply_amendments(bank_holidays(policy.region, first.year, last.year), amendments)
    named = {day: name for day, name in amended.items() if day not in policy.holidays.strike} | policy.holidays.add
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
    """Return the holidays package's version; a lookup takes 1.5 ms."""
    return metadata.version("holidays")


@lru_cache
def last_known_day(region: str) -> date:
    """Return the last day whose bank holidays the package knows."""
    country, subdivision = holidays_key(region)
    return date(holidays.country_holidays(country, subdiv=subdivision).end_year, 12, 31)


@lru_cache
def bank_holidays(region: str, first_year: int, last_year: int) -> Mapping[date, str]:
    """Return bank holidays by day; the package takes 5 ms, and most calls repeat the years."""
    country, subdivision = holidays_key(region)
    years = range(first_year, last_year + 1)
    return MappingProxyType(dict(holidays.country_holidays(country, subdiv=subdivision, years=years)))


def calendar_for(
    policy: Policy, received_at: datetime, now: datetime, amendments: Sequence[Amendment] = ()
) -> WorkingCalendar:
    """Build a new complaint's calendar: whole years, from one before receipt to four from now.

    A receipt in the future counts as now; such a form is refused.
    """
    local = zone(policy.time_zone)
    first = months_after(min(received_at, now).astimezone(local).date(), MONTHS_BEFORE_RECEIPT)
    last = months_after(now.astimezone(local).date(), MONTHS_AHEAD)
    return calendar_between(policy, date(first.year, 1, 1), date(last.year, 12, 31), amendments)


def further_years(policy: Policy, calendar: WorkingCalendar, amendments: Sequence[Amendment] = ()) -> WorkingCalendar:
    """Build the four years that follow a complaint's calendar.

    Raises BeyondCalendarError after the last known day.
    """
    return calendar_between(policy, calendar.last + DAY, months_after(calendar.last, MONTHS_AHEAD), amendments)


def calendar_in_force(
    policy: Policy, calendar: WorkingCalendar, amendments: Sequence[Amendment] = ()
) -> WorkingCalendar:
    """Rebuild a complaint's calendar, of the same days, from today's holidays."""
    return calendar_between(policy, calendar.first, calendar.last, amendments)
