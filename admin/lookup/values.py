"""Read the days, instants and codes of the service's JSON."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from complaints.procedure.enums import DeadlineKind, Need

Json = Mapping[str, Any]
"""An object of the service's answer."""


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at_if_set(text: str | None) -> datetime | None:
    return at(text) if text else None


def deadline_label(deadline: Json) -> str:
    """Return `reply`, or `answer to recommendation 2`."""
    label = DeadlineKind(deadline["kind"]).label
    return f"{label} {deadline['recommendation']}" if deadline["recommendation"] else label


def describe_needs(needs: Json) -> str:
    """Return `large print, Polish, the telephone`; empty where there are none."""
    kinds = [need for need in Need if needs.get(need)]
    return ", ".join(needs[need] if need in (Need.LANGUAGE, Need.OTHER) else need.label for need in kinds)
