"""Types of the fields of forms and acts: texts of limited length, instants with an offset."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated

import idna
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)

from complaints.formatting.limits import EARLIEST_YEAR as EARLIEST_YEAR
from complaints.formatting.limits import LATEST_YEAR as LATEST_YEAR
from complaints.formatting.limits import MAX_PENCE as MAX_PENCE
from complaints.formatting.limits import REFERENCE_EXAMPLE, STAFF_ID_EXAMPLE
from complaints.formatting.limits import REFERENCE_PATTERN as REFERENCE_PATTERN
from complaints.formatting.limits import STAFF_ID as STAFF_ID

DAY_EXAMPLE = "a date such as 2026-12-09"
INSTANT_EXAMPLE = "an instant with its offset, such as 2026-12-09T10:00Z"
TIME_EXAMPLE = "a time such as 09:00"
MAX_ADDRESS, MAX_LOCAL_PART = 254, 64
"""Octets of a mail address (RFC 5321)."""
_LOCAL_PART = re.compile(r'[^\s@<>()\[\]\\,;:".]+(\.[^\s@<>()\[\]\\,;:".]+)*')
_LINE_BREAKS = re.compile(r"\s*[\x01-\x1f\x7f-\x9f\u2028\u2029]+\s*")
BLANK_CHARACTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols without a glyph. Spaces, directions and joiners have categories of their own."""


def _require_iso(pattern: str, example: str) -> Callable[[object], object]:
    """Return a validator that refuses numbers, which pydantic takes for seconds since 1970."""
    matches = re.compile(pattern, re.ASCII).match

    def check(value: object) -> object:
        if isinstance(value, date | time) or (isinstance(value, str) and matches(value)):
            return value
        raise ValueError(f"give {example}")

    return check


def _check_year(day: date) -> None:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"give a year from {EARLIEST_YEAR} to {LATEST_YEAR}")


def _to_utc(instant: datetime) -> datetime:
    """Return the instant in UTC. Its year counts there, so that what is kept can be read again."""
    try:
        in_utc = instant.astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar, with an offset
        in_utc = instant
    _check_year(in_utc)
    return in_utc


def _day_in_range(day: date) -> date:
    _check_year(day)
    return day


def _check_pence(pence: int) -> int:
    if not 0 < pence <= MAX_PENCE:
        raise ValueError(f"give an amount from £0.01 to £{MAX_PENCE // 100:,}")
    return pence


def check_text(text: str) -> str:
    """Return the text. Raises ValueError for NUL, or if no character shows.

    PostgreSQL cannot store NUL.
    """
    if "\x00" in text:
        raise ValueError("a text cannot hold the character NUL")
    if not any(map(_is_visible, text)):
        raise ValueError("no character of it can be seen; give a text")
    return text


def _is_visible(character: str) -> bool:
    """Whether it is a letter, digit, mark of punctuation or symbol that is not blank."""
    return unicodedata.category(character)[0] in "LNPS" and character not in BLANK_CHARACTERS


def join_lines(text: str) -> str:
    """Return the text on one line: a line break, or another control character, becomes a space."""
    return _LINE_BREAKS.sub(" ", text).strip()


def ascii_domain_address(text: str) -> str | None:
    """Return the address with its domain in ASCII, as in DNS; None if mail cannot be sent to it.

    The local part may exceed ASCII (RFC 6531). Quoted ones and address literals are refused.
    """
    local, at, domain = text.rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode().lower()
    except UnicodeError:
        return None
    address = f"{local}@{ascii_domain}"
    is_valid = (
        at
        and ascii_domain
        and _LOCAL_PART.fullmatch(local)
        and text.isprintable()
        and not ascii_domain.endswith(".")
        and len(local.encode()) <= MAX_LOCAL_PART
        and len(address.encode()) <= MAX_ADDRESS
    )
    return address if is_valid else None


def pattern_validator(pattern: str, example: str) -> Callable[[str], str]:
    """Return a validator for texts that match the pattern; its error asks for the `example`."""
    matches = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not matches(text):
            raise ValueError(f"give {example}")
        return text

    return check


_INSTANT_PATTERN, _DAY_PATTERN = r"\s*\d{4}-\d\d-\d\d", r"\s*\d{4}-\d\d-\d\d\s*$"
Instant = Annotated[
    AwareDatetime, BeforeValidator(_require_iso(_INSTANT_PATTERN, INSTANT_EXAMPLE)), AfterValidator(_to_utc)
]
"""An instant with an offset, kept in UTC."""
_TIME_PATTERN = r"\s*\d\d:\d\d(:\d\d(\.\d+)?)?\s*$"
LocalTime = Annotated[time, BeforeValidator(_require_iso(_TIME_PATTERN, TIME_EXAMPLE))]
"""A time of day, without an offset."""
Day = Annotated[date, BeforeValidator(_require_iso(_DAY_PATTERN, DAY_EXAMPLE)), AfterValidator(_day_in_range)]

ShortText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(check_text),
    AfterValidator(join_lines),
]
"""One line, such as a name: it goes into the headers of messages, and within sentences."""
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(check_text)
]
StoredText = Annotated[str, StringConstraints(min_length=1), AfterValidator(check_text)]
"""A text of an operator's: kept as it is."""
ActId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(check_text)
]
StaffId = Annotated[
    str,
    AfterValidator(pattern_validator(STAFF_ID, STAFF_ID_EXAMPLE)),
    AfterValidator(str.lower),
    Field(json_schema_extra={"pattern": f"^{STAFF_ID}$"}),
]
"""A member of staff or a system. Capitals are the same as small letters, and kept as these (R11)."""
Reference = Annotated[
    str,
    AfterValidator(pattern_validator(REFERENCE_PATTERN, REFERENCE_EXAMPLE)),
    Field(json_schema_extra={"pattern": f"^{REFERENCE_PATTERN}$"}),
]
"""A complaint's reference: its workflow's id."""
YesNo = Annotated[bool, Strict()]
"""True or false. A text or a number is neither."""
Integer = Annotated[int, Strict()]
"""A whole number. A text is none."""
Number = Annotated[Integer, Field(ge=1, le=10_000)]
Pence = Annotated[
    Integer, AfterValidator(_check_pence), Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": MAX_PENCE})
]


HIDE_INPUT = ConfigDict(hide_input_in_errors=True)
"""For models that hold free text: their errors, which reach histories and logs, do not quote it."""


class InputModel(BaseModel):
    """Base of everything that people and systems send: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", **HIDE_INPUT)


def _mail_address(text: str) -> str:
    """Validate an address. Its domain becomes ASCII, as in DNS; its local part may exceed that."""
    address = ascii_domain_address(text)
    if address is None:
        raise ValueError("give an address that mail can be sent to, such as ada@example.org")
    return address


MailAddress = Annotated[str, AfterValidator(_mail_address)]
