"""The command line of an act, for messages that say what to do next."""

from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from complaints.procedure.acts import Act

OPTION_OF = MappingProxyType(
    {
        "by": "--as",
        "carry_out_by": "--by",
        "concern": "N",
        "recommendation": "N",
        "undertaking": "N",
        "letter": "N",
        "remedies": "--remedy",
        "recommendations": "--recommend",
        "satisfactory": "--satisfactory or --unsatisfactory",
        "accepted": "--accept or --decline",
    }
)
"""Options whose names differ from their fields'; N is an argument."""

MAX_CHOICES = 4
"""Beyond these a hint does not list an option's values; the command's `--help` does."""


def option_of(field: str) -> str:
    """Return the option, or the argument, that sets a field of an act."""
    return OPTION_OF.get(field, f"--{field.replace('_', '-')}")


def option_of_path(path: str) -> str | None:
    """Return the option that sets a part of a field, such as `communication.on`.

    None: the path is that of a whole field.
    """
    head, dot, tail = path.partition(".")
    if not dot or "[" in head:
        return None
    if head == "needs":
        return "--needs"
    return option_of(tail if head == "concern" else f"{head}_{tail}")


def command_for(act: type[Act], reference: str, number: int | None = None, by: str = "ID") -> str:
    """Write a command with its required options: `complaints extend C-1003 --as ID --to DATE`.

    `number` is that of the letter, undertaking, recommendation or concern that the act is about, if known.
    """
    parts = ["complaints", act.name.replace("_", "-"), reference]
    options = [f"--as {by}"]
    for name, field in act.model_fields.items():
        if name in ("id", "by") or not (field.is_required() or name == act.usual_field):
            continue
        option = option_of(name)
        if option == "N":
            parts.append("N" if number is None else str(number))
        elif field.annotation is bool:
            options.append(option.replace(" or ", "|"))
        else:
            options.append(f"{option} {_placeholder(name, field.annotation)}")
    return " ".join([*parts, *options])


def _placeholder(name: str, kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind) if len(kind) <= MAX_CHOICES else name.upper()
    if isinstance(kind, type) and issubclass(kind, date):
        return "DATE"
    return "ID" if name == "to" else "TEXT"
