"""What a complaint starts with: the policy and the calendar in force, as plain data of a known version (R14)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from types import MappingProxyType

import holidays

from complaints.calendars.amendments import Amendment, amended
from complaints.procedure.dates.calendar import WorkingCalendar, months_after, zone
from complaints.procedure.policy import Policy, PolicyError

DEFAULT_POLICY = "financial-ombudsman-service"

REGIONS = {
    "england-and-wales": ("GB", "ENG"),
    "scotland": ("GB", "SCT"),
    "northern-ireland": ("GB", "NIR"),
}
"""Our name of a region, and its country and subdivision in the holidays package."""

BEFORE_RECEIPT_MONTHS = -12
AHEAD_MONTHS = 48


def region_known(region: str) -> tuple[str, str]:
    """Raises PolicyError with the regions there are."""
    try:
        return REGIONS[region]
    except KeyError:
        raise PolicyError(f"region: there is no {region!r}; give one of {', '.join(REGIONS)}") from None


@lru_cache
def load_policy(name: str = DEFAULT_POLICY) -> Policy:
    """A policy of ours by its name, or one of yours by its file's path. Raises PolicyError with every mistake."""
    if name.endswith(".toml"):
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PolicyError(f"{name} cannot be read: {error}") from error
    else:
        folder = resources.files("complaints.policies")
        file = folder / f"{name}.toml"
        if not file.is_file():
            known = sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))
            raise PolicyError(f"there is no policy {name!r}; give a .toml file, or one of {', '.join(known)}")
        text = file.read_text(encoding="utf-8")
    try:
        policy = Policy.from_toml(text)
    except PolicyError as error:
        raise PolicyError(f"{name}:\n{error}") from error
    region_known(policy.region)
    return policy


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
