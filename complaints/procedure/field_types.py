"""The kinds of field of which forms and acts are made: every text has a greatest length, every instant an offset."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

EARLIEST, LATEST = 1900, 2200


def _written(given: object) -> object:
    """A number, also one in quotes such as 20261209, would be taken for seconds since 1970."""
    if isinstance(given, date) or (isinstance(given, str) and re.match(r"\s*\d{4}-\d\d-\d\d", given)):
        return given
    raise ValueError("give a date such as 2026-12-09, or an instant such as 2026-12-09T10:00Z")


def _reckonable(instant: datetime) -> datetime:
    if not EARLIEST <= instant.year < LATEST:
        raise ValueError(f"give an instant from {EARLIEST} to {LATEST - 1}")
    return instant.astimezone(UTC)


def _reckonable_day(day: date) -> date:
    if not EARLIEST <= day.year < LATEST:
        raise ValueError(f"give a date from {EARLIEST} to {LATEST - 1}")
    return day


def plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text cannot hold the character NUL")
    return text


def like(pattern: str, example: str) -> Callable[[str], str]:
    """A validator for texts of the pattern, whose complaint says what would be right."""
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise ValueError(f"give {example}")
        return text

    return check


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_reckonable)]
"""An instant with an offset, kept in UTC."""
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_reckonable_day)]

ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(plain)
]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(plain)
]
ActId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(plain)]
STAFF_ID = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}"
StaffId = Annotated[
    str,
    AfterValidator(like(STAFF_ID, "an id of up to 100 letters, digits and . _ @ + -")),
    Field(json_schema_extra={"pattern": f"^{STAFF_ID}$"}),
]
"""Who acts, or who keyed what a complainant or the case system said."""
REFERENCE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
Reference = Annotated[
    str,
    AfterValidator(like(REFERENCE_PATTERN, "a reference of up to 64 letters, digits and . _ -")),
    Field(json_schema_extra={"pattern": f"^{REFERENCE_PATTERN}$"}),
]
"""A complaint's reference: its workflow's id. Up to 64 letters, digits, dots, dashes and underscores."""
Number = Annotated[int, Field(ge=1, le=10_000)]
Pence = Annotated[int, Field(gt=0, le=100_000_000)]


HIDE_INPUT = ConfigDict(hide_input_in_errors=True)
"""Of a model that holds people's words: its errors quote none of them, for errors stand in histories and logs."""


class InputModel(BaseModel):
    """What somebody gives us: frozen, and with no field that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", **HIDE_INPUT)
