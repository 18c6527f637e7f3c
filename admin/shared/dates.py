"""Reads a day, or an instant with an offset, from an option."""

from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError

from admin.shared.errors import bad_input
from complaints.procedure.field_types import Day, Instant

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
