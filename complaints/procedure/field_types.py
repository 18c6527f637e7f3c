"""Types of the fields of forms and acts: texts of limited length, instants with an offset."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
"""The years, both included, of every day and instant that we accept."""
DAY_EXAMPLE = "a date such as 2026-12-09"
INSTANT_EXAMPLE = "an instant with its offset, such as 2026-12-09T10:00Z"
MAX_PENCE = 100_000_000


def _require_iso(example: str) -> Callable[[object], object]:
    """Return a validator that refuses numbers, which pydantic takes for seconds since 1970."""

    def check(value: object) -> object:
        if isinstance(value, date) or (isinstance(value, str) and re.match(r"\s*\d{4}-\d\d-\d\d", value)):
            return value
        raise ValueError(f"give {example}")

    return check


def _check_year(day: date) -> None:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"give a year from {EARLIEST_YEAR} to {LATEST_YEAR}")


def _to_utc(instant: datetime) -> datetime:
    _check_year(instant)
    return instant.astimezone(UTC)


def _day_in_range(day: date) -> date:
    _check_year(day)
    return day


def _check_pence(pence: int) -> int:
    if not 0 < pence <= MAX_PENCE:
        raise ValueError(f"give an amount from £0.01 to £{MAX_PENCE // 100:,}")
    return pence


def reject_nul(text: str) -> str:
    """Return the text. Raises ValueError if it holds NUL, which PostgreSQL cannot store."""
    if "\x00" in text:
        raise ValueError("a text cannot hold the character NUL")
    return text


def pattern_validator(pattern: str, example: str) -> Callable[[str], str]:
    """Return a validator for texts that match the pattern; its error asks for the `example`."""
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise ValueError(f"give {example}")
        return text

    return check


Instant = Annotated[AwareDatetime, BeforeValidator(_require_iso(INSTANT_EXAMPLE)), AfterValidator(_to_utc)]
"""An instant with an offset, kept in UTC."""
Day = Annotated[date, BeforeValidator(_require_iso(DAY_EXAMPLE)), AfterValidator(_day_in_range)]

ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(reject_nul)
]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(reject_nul)
]
ActId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(reject_nul)
]
STAFF_ID = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}"
StaffId = Annotated[
    str,
    AfterValidator(pattern_validator(STAFF_ID, "an id of up to 100 letters, digits and . _ @ + -")),
    Field(json_schema_extra={"pattern": f"^{STAFF_ID}$"}),
]
"""A member of staff or a system."""
REFERENCE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
Reference = Annotated[
    str,
    AfterValidator(pattern_validator(REFERENCE_PATTERN, "a reference of up to 64 letters, digits and . _ -")),
    Field(json_schema_extra={"pattern": f"^{REFERENCE_PATTERN}$"}),
]
"""A complaint's reference: its workflow's id."""
Number = Annotated[int, Field(ge=1, le=10_000)]
Pence = Annotated[
    int, AfterValidator(_check_pence), Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": MAX_PENCE})
]


HIDE_INPUT = ConfigDict(hide_input_in_errors=True)
"""For models that hold free text: their errors, which reach histories and logs, do not quote it."""


class InputModel(BaseModel):
    """Base of everything that people and systems send: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", **HIDE_INPUT)
