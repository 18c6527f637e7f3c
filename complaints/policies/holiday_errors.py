"""Find holidays of a policy that change nothing: most are dates that somebody mistyped."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from complaints.calendars.builder import bank_holidays
from complaints.calendars.regions import holidays_key
from complaints.procedure.dates.calendar import SATURDAY, BeyondCalendarError
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Holidays, PolicyError

NEAR = timedelta(days=14)


def holiday_errors(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield `key: problem; remedy` for the region and the holidays of a parsed policy.

    Holidays or a region of another type are left to the policy's own validation.
    """
    region = data.get("region")
    if not isinstance(region, str):
        return
    try:
        holidays_key(region)
        holidays = Holidays.model_validate(data.get("holidays", {}))
    except PolicyError as error:
        yield str(error)
        return
    except ValidationError:
        return
    yield from _errors_of_added(region, holidays)
    yield from _errors_of_struck(region, holidays)


def _errors_of_added(region: str, holidays: Holidays) -> Iterator[str]:
    for day in holidays.add:
        key, name = f"holidays.add.{day}", _known(region, day.year).get(day)
        if day in holidays.strike:
            yield f"{key}: {format_date(day)} is struck, too; leave out one of them"
        elif day.weekday() >= SATURDAY:
            yield f"{key}: {format_date(day)} is no working day anyway; correct the date, or leave it out"
        elif name:
            yield f"{key}: {format_date(day)} is {name} already; correct the date, or leave it out"


def _errors_of_struck(region: str, holidays: Holidays) -> Iterator[str]:
    for number, day in enumerate(holidays.strike, start=1):
        key, known = f"holidays.strike[{number}]", _known(region, day.year)
        if day in holidays.strike[: number - 1]:
            yield f"{key}: {format_date(day)} is given twice; give it once"
        elif day in holidays.add:
            continue
        elif day.weekday() >= SATURDAY:
            yield f"{key}: {format_date(day)} is no working day anyway; correct the date, or leave it out"
        elif day not in known:
            yield f"{key}: {format_date(day)} is no holiday of {region}; {_nearest(day, known)}"


def _known(region: str, year: int) -> Mapping[date, str]:
    try:
        return bank_holidays(region, year, year)
    except BeyondCalendarError:
        return {}


def _nearest(day: date, known: Mapping[date, str]) -> str:
    near = min(known, key=lambda other: abs(other - day), default=None)
    if near is None or abs(near - day) > NEAR:
        return "correct the date, or leave it out"
    return f"{near}, {known[near]}?"
