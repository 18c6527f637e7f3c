"""The command line of an act, for messages that say what to do next."""

from datetime import date
from enum import StrEnum
from typing import Any

from complaints.formatting.option_names import option_of
from complaints.procedure.acts import Act

MAX_CHOICES = 4
"""Beyond these a hint does not list an option's values; the command's `--help` does."""


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
