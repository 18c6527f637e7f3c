"""Read remedies, findings and needs from options."""

import re
from pathlib import Path
from typing import Any

from admin.acts.invalid_option import InvalidOption
from admin.acts.typed_values import TypedDay
from admin.shared.input_files import unreadable
from complaints.formatting.limits import MAX_PENCE
from complaints.formatting.option_names import option_of_path
from complaints.formatting.written_code import known_name
from complaints.procedure.enums import Need, RemedyKind

FORMS = "apology, action:TEXT or compensation:POUNDS, such as compensation:75 or compensation:1,000.00"
MONEY = re.compile(r"£?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.([0-9]{2}))?")


def read_remedies(option: str, texts: list[str] | None) -> list[dict[str, Any]] | InvalidOption:
    """Return the fields of each remedy, or every error."""
    errors: list[str] = []
    remedies = [_read_remedy(option, text, errors) for text in texts or []]
    return InvalidOption(tuple(errors)) if errors else remedies


def _read_remedy(option: str, text: str, errors: list[str]) -> dict[str, Any]:
    word, _, rest = text.partition(":")
    kind, money = known_name(word, RemedyKind), MONEY.fullmatch(rest.strip())
    if kind == RemedyKind.APOLOGY and not rest.strip():
        return {"kind": kind}
    if kind == RemedyKind.ACTION and rest.strip():
        return {"kind": kind, "what": rest}
    if kind == RemedyKind.COMPENSATION and money:
        pence = int(money[1].replace(",", "")) * 100 + int(money[2] or 0)
        if 0 < pence <= MAX_PENCE:
            return {"kind": kind, "pence": pence}
        errors.append(f"{option}: {text!r} is not valid; give from 0.01 to {MAX_PENCE // 100:,} pounds")
    else:
        errors.append(f"{option}: {text!r} is not valid; give {FORMS}")
    return {}


def read_findings(findings: str | None, file: Path | None) -> str | InvalidOption | None:
    """Return the findings of --findings or --findings-file."""
    if file is None:
        return findings
    if findings is not None:
        return InvalidOption(("--findings: is given, and --findings-file too; give one of them",))
    try:
        return file.read_bytes().decode("utf-8-sig")  # a file from Windows may begin with a byte order mark
    except (OSError, ValueError) as error:
        return InvalidOption((f"--findings-file: {unreadable(str(file), error)}",))


NEEDS = "give large_print, telephone, language:LANGUAGE, other:TEXT, or none"


def read_needs(texts: list[str] | None) -> dict[str, Any] | InvalidOption | None:
    """Return the fields of the needs, or every error; None: no option was given."""
    if not texts:
        return None
    needs: dict[str, Any] = {}
    errors: list[str] = []
    for text in texts:
        word, _, words = text.partition(":")
        name = known_name(word, Need)
        if name in (Need.LARGE_PRINT, Need.TELEPHONE) and not words:
            needs[name] = True
        elif name in (Need.LANGUAGE, Need.OTHER) and words.strip():
            needs[name] = words.strip()
        elif text.strip().lower() != "none" or len(texts) > 1:
            errors.append(f"--needs: {text!r} is not valid; {NEEDS}")
    return InvalidOption(tuple(errors)) if errors else needs


def group(of: str, **parts: TypedDay | str | None) -> dict[str, Any] | InvalidOption | None:
    """Return the parts of the field `of`, or an error for each that is missing.

    None: none was given.
    """
    given = [part for part, value in parts.items() if value]
    if not given:
        return None
    options = {part: option_of_path(f"{of}.{part}") for part in parts}
    missing = [option for part, option in options.items() if part not in given]
    if missing:
        return InvalidOption(tuple(f"{option}: is needed with {options[given[0]]}" for option in missing))
    return dict(parts)
