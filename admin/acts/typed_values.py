"""Values of options as they were typed, with how each is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from complaints.formatting.written_code import as_code, known_name

MAX_DIGITS = 18


@dataclass(frozen=True)
class TypedDay:
    """A day, as in `9 December 2026`."""

    text: str


@dataclass(frozen=True)
class TypedInstant:
    """An instant, or a day that means one."""

    text: str


Fields = dict[str, Any]
"""The fields of an act's JSON: plain values, TypedDay, TypedInstant and InvalidOption."""


def day(text: str | None) -> TypedDay | None:
    return None if text is None else TypedDay(text)


def instant(text: str | None) -> TypedInstant | None:
    return None if text is None else TypedInstant(text)


def number_of(text: str) -> int | str:
    """Return a whole number. The service says what is wrong with another text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else text


def code(text: str | None, known: Iterable[str]) -> str | None:
    """Return the known code that the text writes, in any case and with spaces or hyphens."""
    return text and known_name(text, known)


def tier_id(text: str | None) -> str | None:
    """Return the tier's id, however it is written."""
    return text and as_code(text)
