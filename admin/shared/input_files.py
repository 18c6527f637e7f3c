"""Read complaint forms from a file: one as JSON, or many as JSON Lines."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from admin.shared.errors import bad_input


@dataclass(frozen=True)
class FormText:
    """One form's text, and its place: `FILE`, or `FILE:LINE` in JSON Lines."""

    place: str
    text: str


def forms_in(file: str) -> list[FormText]:
    """Split a file into its forms. Raises CommandError for one that is empty or cannot be read."""
    text = text_of(file)
    # Not splitlines: it also breaks at characters that a JSON string may hold.
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise bad_input(f"FILE: {name_of(file)} is empty; give a form as JSON")
    if len(lines) > 1 and not _is_json(text) and _look_like_forms([line for _, line in lines]):
        return [FormText(f"{name_of(file)}:{number}", line) for number, line in lines]
    return [FormText(name_of(file), text)]


def text_of(file: str) -> str:
    """Read a file, or standard input for `-`. Raises CommandError."""
    try:
        return _bytes_of(file).decode("utf-8-sig")  # a file from Windows may begin with a byte order mark
    except OSError as error:
        raise bad_input(f"FILE: {unreadable(name_of(file), error)}") from error
    except ValueError as error:
        raise bad_input(f"FILE: {unreadable(name_of(file), error)}") from error


def unreadable(file: str, error: OSError | ValueError) -> str:
    """Say why a file cannot be read, in one clause."""
    if isinstance(error, UnicodeDecodeError):
        return f"{file} is not UTF-8 text (byte {error.start:,}); save it as UTF-8"
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{file} cannot be read: {reason}"


def unwritable(file: str, error: OSError) -> str:
    """Say why a file cannot be written, in one clause."""
    return f"{file} cannot be written: {error.strerror or error}"


def read_policy_file(option: str, name: str | None) -> str | None:
    """Read a policy's text; None: it is no file, but a name. Raises CommandError."""
    if name is None or not (name.endswith(".toml") or Path(name).is_file()):
        return None
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise bad_input(f"{option}: {unreadable(name, error)}") from error


def _bytes_of(file: str) -> bytes:
    if file != "-":
        return Path(file).read_bytes()
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return sys.stdin.buffer.read()


def name_of(file: str) -> str:
    return "standard input" if file == "-" else file


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _look_like_forms(lines: list[str]) -> bool:
    """Tell JSON Lines from one invalid form over many lines, few of which begin an object."""
    return sum(line.startswith("{") for line in lines) * 2 > len(lines)
