"""Read a day, an instant, a year or a period from options. Errors are added to `errors`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from admin.shared.local_dates import DateTextError, LocalDates
from admin.shared.numbers import read_number
from complaints.procedure.field_types import EARLIEST_YEAR, LATEST_YEAR
from complaints.procedure.policy import Policy
from complaints.reports.period import Period

T = TypeVar("T")


def read_day(dates: LocalDates, option: str, text: str | None, errors: list[str]) -> date | None:
    return _read(dates.day, option, text, errors)


def read_needed_day(dates: LocalDates, option: str, text: str | None, errors: list[str]) -> date | None:
    if text is None:
        errors.append(f"{option}: is needed")
    return read_day(dates, option, text, errors)


def read_day_or_instant(dates: LocalDates, option: str, text: str | None, errors: list[str]) -> date | datetime | None:
    """Return a date for a day, a datetime in UTC for an instant, None for anything else."""
    return _read(dates.day_or_instant, option, text, errors)


def read_year(option: str, text: str | None, errors: list[str]) -> int | None:
    return read_number(
        option, text, errors, EARLIEST_YEAR, LATEST_YEAR, f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
    )


def read_period(policy: Policy, first: str | None, last: str | None, errors: list[str]) -> Period | None:
    """Read --from and --to as days in the policy's time zone; both are needed."""
    dates = LocalDates.of(policy)
    begins, ends = (read_needed_day(dates, *each, errors) for each in (("--from", first), ("--to", last)))
    if begins is None or ends is None:
        return None
    if ends < begins:
        errors.append(f"--to: {ends} is before --from, {begins}; give a later day")
        return None
    return Period(begins, ends, policy.time_zone)


def _read(parse: Callable[[str], T], option: str, text: str | None, errors: list[str]) -> T | None:
    if text is None:
        return None
    try:
        return parse(text)
    except DateTextError as error:
        errors.append(f"{option}: {error}")
        return None
