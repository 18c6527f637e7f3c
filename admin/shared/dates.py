"""Read a day, an instant, a year or a period from options. Errors are added to `errors`."""

import re
from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError

from admin.shared.numbers import read_number
from complaints.procedure.field_types import DAY_EXAMPLE, EARLIEST_YEAR, INSTANT_EXAMPLE, LATEST_YEAR, Day, Instant
from complaints.procedure.policy import Policy
from complaints.procedure.validation_messages import validation_errors
from complaints.reports.period import Period

DAY, INSTANT = TypeAdapter(Day), TypeAdapter(Instant)


def read_day(option: str, text: str | None, errors: list[str]) -> date | None:
    if text is None:
        return None
    try:
        return DAY.validate_strings(text)
    except ValidationError as error:
        errors += [f"{option}: {line}" for line in validation_errors(error)]
        return None


def read_needed_day(option: str, text: str | None, errors: list[str]) -> date | None:
    if text is None:
        errors.append(f"{option}: is needed")
    return read_day(option, text, errors)


def read_day_or_instant(option: str, text: str, errors: list[str]) -> date | datetime | None:
    """Return a date for a day, a datetime in UTC for an instant, None for anything else."""
    if not re.match(r"\s*\d{4}-\d\d-\d\d", text):
        errors.append(f"{option}: give {DAY_EXAMPLE}, or {INSTANT_EXAMPLE}")
        return None
    is_day = "T" not in text.upper() and " " not in text.strip()
    try:
        return DAY.validate_strings(text) if is_day else INSTANT.validate_strings(text)
    except ValidationError as error:
        errors += [f"{option}: {line}" for line in validation_errors(error)]
        return None


def read_year(option: str, text: str | None, errors: list[str]) -> int | None:
    return read_number(
        option, text, errors, EARLIEST_YEAR, LATEST_YEAR, f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
    )


def read_period(policy: Policy, first: str | None, last: str | None, errors: list[str]) -> Period | None:
    """Read --from and --to as days in the policy's time zone; both are needed."""
    begins, ends = read_needed_day("--from", first, errors), read_needed_day("--to", last, errors)
    if begins is None or ends is None:
        return None
    if ends < begins:
        errors.append(f"--to: {ends} is before --from, {begins}; give a later day")
        return None
    return Period(begins, ends, policy.time_zone)
