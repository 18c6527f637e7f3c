"""Print for people and for programs.

Text that others wrote is shown as it is: it is no markup, and cannot control a terminal.
"""

import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.table import Table

from complaints.procedure.enums import humanize_code as humanize_code

PIPED_WIDTH = 160
"""Columns, where the output is no terminal."""

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that can control a terminal, break a line, or make a text look like another by its direction."""


def _width() -> int | None:
    """Return None for the terminal's width, or that of COLUMNS."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


out = Console(highlight=False, markup=False, emoji=False, width=_width())


def printable(text: str) -> str:
    """Replace the characters by which a text could control a terminal."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def print_error(line: str) -> None:
    """To standard error."""
    print(printable(line), file=sys.stderr)


def escape_controls(text: str) -> str:
    """Escape, within the strings of a JSON text, the characters that could control a terminal."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: BaseModel | dict[str, Any]) -> str:
    if isinstance(value, BaseModel):
        return escape_controls(value.model_dump_json(indent=2))
    return escape_controls(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def as_json_line(value: dict[str, Any]) -> str:
    return escape_controls(json.dumps(value, ensure_ascii=False))


def print_json(value: BaseModel | dict[str, Any]) -> None:
    print(as_json(value))


def instant(at: datetime | None, zone: ZoneInfo) -> str:
    """Format an instant in a time zone; None as an empty text."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def table(title: str, columns: list[str], rows: Iterable[tuple[str, ...]]) -> Table:
    result = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        result.add_column(column, overflow="fold")
    for row in rows:
        result.add_row(*map(printable, row))
    return result
