"""Reads a day, or an instant with an offset, from an option."""

from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError

from admin.shared.errors import bad_input
from complaints.procedure.field_types import Day, Instant
from complaints.procedure.policy import Policy
from complaints.reports.period import Period

DAY, INSTANT = TypeAdapter(Day), TypeAdapter(Instant)


def read_day(option: str, text: str) -> date:
    """Raises CommandError."""
    try:
        return DAY.validate_strings(text)
    except ValidationError as error:
        raise bad_input(f"{option}: {text!r} is not a day such as 2026-12-22") from error


def read_day_or_instant(option: str, text: str) -> date | datetime:
    """A datetime for an instant (in UTC), else a date. Raises CommandError."""
    is_day = "T" not in text.upper() and " " not in text.strip()
    try:
        return DAY.validate_strings(text) if is_day else INSTANT.validate_strings(text)
    except ValidationError as error:
        example = "a day such as 2026-12-22, or an instant with an offset such as 2026-12-22T10:00Z"
        raise bad_input(f"{option}: {text!r} is not {example}") from error


EARLIEST, LATEST = 1901, 2199


def read_year(given: str | None, errors: list[str]) -> int | None:
    year = read_count("--year", given, errors)
    if given is None:
        errors.append("--year: is needed")
    elif year is not None and not EARLIEST <= year <= LATEST:
        errors.append(f"--year: give a year from {EARLIEST} to {LATEST}")
        return None
    return year


def read_count(option: str, given: str | None, errors: list[str]) -> int | None:
    if given is not None and not (given.isascii() and given.isdecimal()):
        errors.append(f"{option}: {given!r} is not a whole number")
        return None
    return None if given is None else int(given)


def read_period(policy: Policy, first: str | None, last: str | None, errors: list[str]) -> Period | None:
    """Of days in the policy's time zone."""
    begins, ends = _day("--from", first, errors), _day("--to", last, errors)
    if begins is None or ends is None:
        return None
    if ends < begins:
        errors.append(f"--to: {ends} lies before --from, {begins}")
        return None
    return Period(begins, ends, policy.time_zone)


def _day(option: str, given: str | None, errors: list[str]) -> date | None:
    if given is None:
        errors.append(f"{option}: is needed")
        return None
    try:
        return DAY.validate_strings(given)
    except ValidationError:
        errors.append(f"{option}: {given!r} is not a day such as 2026-04-01")
        return None
