"""Reads `apology`, `action:TEXT` and `compensation:POUNDS.PENCE`."""

import re
from typing import Any

from admin.exits import bad_input
from complaints.procedure.terms import RemedyKind

MONEY = re.compile(r"(\d{1,7})(?:\.(\d{2}))?")


def read_remedies(option: str, given: list[str] | None) -> list[dict[str, Any]]:
    """Raises CommandError with every mistake."""
    remedies: list[dict[str, Any]] = []
    mistakes = []
    for text in given or []:
        kind, _, rest = text.partition(":")
        money = MONEY.fullmatch(rest)
        if kind == RemedyKind.APOLOGY and not rest:
            remedies.append({"kind": kind})
        elif kind == RemedyKind.ACTION and rest.strip():
            remedies.append({"kind": kind, "what": rest})
        elif kind == RemedyKind.COMPENSATION and money:
            remedies.append({"kind": kind, "pence": int(money[1]) * 100 + int(money[2] or 0)})
        else:
            mistakes.append(f"{option}: {text!r} is none; give apology, action:TEXT or compensation:POUNDS.PENCE")
    if mistakes:
        raise bad_input(*mistakes)
    return remedies
