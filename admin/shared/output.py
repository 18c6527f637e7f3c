"""Print for people and for programs.

Text that others wrote is shown as it is: it is no markup, and cannot control a terminal.
"""

import json
import os
import sys
import unicodedata
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

BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional control characters, which can make a text look like another."""


def _width() -> int | None:
    """Return None for the terminal's width, or that of COLUMNS."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


out = Console(highlight=False, markup=False, emoji=False, width=_width())


def printable(text: str) -> str:
    """Replace the characters by which a text could control a terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(character) else character for character in text)


def _is_control(character: str) -> bool:
    return character not in "\n\t" and (unicodedata.category(character) == "Cc" or character in BIDIRECTIONAL)


def print_error(line: str) -> None:
    """To standard error."""
    print(printable(line), file=sys.stderr)


def as_json(value: BaseModel | dict[str, Any]) -> str:
    if isinstance(value, BaseModel):
        return value.model_dump_json(indent=2)
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def as_json_line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


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
