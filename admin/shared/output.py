"""Writes to people and to programs: what strangers wrote is shown as it is, and neither styles nor moves anything."""

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

PIPED_WIDTH = 160
"""Columns, where the output is no terminal."""

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make what follows run the other way, and look like something else."""


def _width() -> int | None:
    """None: the terminal's, or COLUMNS."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return None if is_terminal or "COLUMNS" in os.environ else PIPED_WIDTH


out = Console(highlight=False, markup=False, emoji=False, width=_width())


def printable(text: str) -> str:
    """Without the characters by which a text could take hold of a terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _takes_hold(character) else character for character in text)


def _takes_hold(character: str) -> bool:
    return character not in "\n\t" and (unicodedata.category(character) == "Cc" or character in TURNING)


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


def humanize_code(code: str) -> str:
    """A code as people say it."""
    return code.replace("_", " ")


def instant(at: datetime | None, zone: ZoneInfo) -> str:
    """On the clock of the zone; empty if there is none."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def table(title: str, columns: list[str], rows: Iterable[tuple[str, ...]]) -> Table:
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*map(printable, row))
    return made
