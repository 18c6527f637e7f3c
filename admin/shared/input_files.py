"""Reads the forms of a file: one as JSON, or many as JSON Lines."""

import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from admin.shared.errors import bad_input


@dataclass(frozen=True)
class FormText:
    """One form's text, and where it stands."""

    place: str
    text: str


def forms_in(file: str) -> list[FormText]:
    """Raises CommandError."""
    text = text_of(file)
    # Not splitlines: it also breaks at characters which may stand in a JSON string.
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise bad_input(f"FILE: {name_of(file)} is empty")
    if len(lines) > 1 and not _is_json(text) and _look_like_forms([line for _, line in lines]):
        return [FormText(f"{name_of(file)}:{number}", line) for number, line in lines]
    return [FormText(name_of(file), text)]


def text_of(file: str) -> str:
    """`-` is standard input. Raises CommandError."""
    try:
        return _bytes_of(file).decode("utf-8-sig")  # a text from Windows may begin with a mark
    except OSError as error:
        raise bad_input(f"FILE: {name_of(file)} cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise bad_input(f"FILE: {name_of(file)} is no text in UTF-8 ({error})") from error


def _bytes_of(file: str) -> bytes:
    if file != "-":
        return Path(file).read_bytes()
    if sys.stdin is None:
        raise OSError("it is closed")
    return sys.stdin.buffer.read()


def name_of(file: str) -> str:
    return "standard input" if file == "-" else file


def _is_json(text: str) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True


def _look_like_forms(lines: list[str]) -> bool:
    """Of one form over many lines, in which something is wrong, few lines begin an object."""
    return sum(line.startswith("{") for line in lines) * 2 > len(lines)
