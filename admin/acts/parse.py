"""Reads `apology`, `action:TEXT` and `compensation:POUNDS.PENCE`."""

import re
from pathlib import Path
from typing import Any

from admin.acts.build import InvalidOption
from complaints.procedure.enums import RemedyKind

MONEY = re.compile(r"([0-9]{1,7})(?:\.([0-9]{2}))?")


def read_remedies(option: str, given: list[str] | None) -> list[dict[str, Any]] | InvalidOption:
    """The fields of each, or every mistake."""
    remedies = [_read(text) for text in given or []]
    errors = [
        f"{option}: give apology, action:TEXT or compensation:POUNDS.PENCE, not {text!r}"
        for text, remedy in zip(given or [], remedies, strict=True)
        if remedy is None
    ]
    return InvalidOption(tuple(errors)) if errors else [remedy for remedy in remedies if remedy]


def _read(text: str) -> dict[str, Any] | None:
    kind, _, rest = text.partition(":")
    money = MONEY.fullmatch(rest)
    if kind == RemedyKind.APOLOGY and not rest:
        return {"kind": kind}
    if kind == RemedyKind.ACTION and rest.strip():
        return {"kind": kind, "what": rest}
    if kind == RemedyKind.COMPENSATION and money:
        return {"kind": kind, "pence": int(money[1]) * 100 + int(money[2] or 0)}
    return None


def read_findings(given: str | None, file: Path | None) -> str | InvalidOption | None:
    if file is None:
        return given
    if given is not None:
        return InvalidOption(("--findings: give either --findings or --findings-file",))
    try:
        return file.read_bytes().decode("utf-8-sig")  # a text from Windows may begin with a mark
    except OSError as error:
        return InvalidOption((f"--findings-file: {file} cannot be read ({error.strerror})",))
    except ValueError as error:
        return InvalidOption((f"--findings-file: {file} is no text in UTF-8 ({error})",))
