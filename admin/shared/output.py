"""Print for people and for programs.

Text that others wrote is shown as it is: it is no markup, and cannot control a terminal.
"""

import json
import re
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.shared.console import out as out
from admin.shared.console import wrap
from complaints.procedure.dates.date_format import format_instant
from complaints.procedure.enums import humanize_code as humanize_code

if TYPE_CHECKING:
    from pydantic import BaseModel

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that can control a terminal, break a line, or make a text look like another by its direction."""


def printable(text: str) -> str:
    """Replace the characters by which a text could control a terminal."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def print_error(line: str) -> None:
    """Print to standard error; on a terminal, wrapped between words."""
    text = printable(line)
    lines = [part.plain for part in wrap(Text(text), out.width)] if sys.stderr.isatty() else [text]
    for part in lines:
        print(part, file=sys.stderr)


def escape_controls(text: str) -> str:
    """Escape, within the strings of a JSON text, the characters that could control a terminal."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: "BaseModel | dict[str, Any]") -> str:
    if not isinstance(value, dict):
        return escape_controls(value.model_dump_json(indent=2))
    return escape_controls(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def as_json_line(value: dict[str, Any]) -> str:
    return escape_controls(json.dumps(value, ensure_ascii=False))


def print_json(value: "BaseModel | dict[str, Any]") -> None:
    print(as_json(value))


def instant(at: datetime | None, zone: ZoneInfo) -> str:
    """Format an instant in a time zone; None as an empty text."""
    return format_instant(at, zone) if at else ""
