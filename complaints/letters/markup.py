"""The markup of letters, which templates write and which no free text can become.

A block ends at an empty line. `## ` marks a heading, `- ` a list item, `> ` a quote, and `| ` free text of the
organisation's own. Line breaks are kept.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MARKS = "#->|"
"""Characters that begin markup. They are stripped from the start of each text from outside."""
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Overrides of the writing direction, which would also reverse the text after them."""

_CONTROLS = "".join(char for char in map(chr, (*range(0x20), *range(0x7F, 0xA0))) if not char.isspace())
_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_HARMFUL = re.compile(f"[{_CONTROLS}{''.join(sorted(DIRECTIONS))}\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")


class Direction(StrEnum):
    """A writing direction, as HTML and Typst call it."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


_DIRECTIONS_OF = {"L": Direction.LEFT_TO_RIGHT, "R": Direction.RIGHT_TO_LEFT, "AL": Direction.RIGHT_TO_LEFT}
"""By Unicode's bidirectional class; Hebrew has R, Arabic AL."""


class MarkedText(str):
    """Free text with a mark before each line, so that none of it can be other markup."""

    __slots__ = ()


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    QUOTE = "quote"
    OWN_TEXT = "own-text"


@dataclass(frozen=True)
class Block:
    """A part of a letter: its lines, or its list items, without marks."""

    kind: BlockKind
    lines: tuple[str, ...]


@dataclass(frozen=True)
class DirectedLines:
    """Lines of one writing direction."""

    direction: Direction
    lines: tuple[str, ...]


def by_direction(lines: Iterable[str]) -> list[DirectedLines]:
    """Group lines by their writing direction. An empty line between two groups is left out."""
    groups: list[tuple[Direction, list[str]]] = []
    for line in lines:
        direction = direction_of(line) or (groups[-1][0] if groups else Direction.LEFT_TO_RIGHT)
        if not groups or groups[-1][0] is not direction:
            groups.append((direction, []))
        groups[-1][1].append(line)
    return [DirectedLines(direction, tuple("\n".join(each).strip("\n").split("\n"))) for direction, each in groups]


def direction_of(text: str) -> Direction | None:
    """Return the direction of the first letter that has one; None: no letter has (Unicode, P2)."""
    return next((_DIRECTIONS_OF[kind] for kind in map(unicodedata.bidirectional, text) if kind in _DIRECTIONS_OF), None)


def clean(text: str) -> str:
    """Remove control characters, surrogates and direction overrides; collapse white space."""
    return " ".join(_HARMFUL.sub("", text).split())


def single_line(text: str) -> str:
    """Put a text on one line that cannot begin markup. One of marks alone gets quotation marks."""
    cleaned = clean(text)
    return cleaned.lstrip(MARKS + " ") or (f"“{cleaned}”" if cleaned else "")


def mark_quoted(text: str) -> MarkedText:
    """Mark each line of a text as a quote."""
    return _marked(text, ">")


def mark_written(text: str) -> MarkedText:
    """Mark each line of a text as the organisation's own free text."""
    return _marked(text, "|")


def normalise_spacing(text: str) -> str:
    """Remove trailing spaces, and all but one empty line between blocks."""
    lines = "\n".join(each.rstrip() for each in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def parse_blocks(text: str) -> list[Block]:
    """Split a composed letter into its blocks."""
    return [block for part in re.split(r"\n\n+", text.strip("\n")) for block in _blocks_of(part.split("\n"))]


def _marked(text: str, mark: str) -> MarkedText:
    return MarkedText("\n".join(f"{mark} {clean(part)}".rstrip() for part in text.strip().splitlines()))


def _blocks_of(lines: list[str]) -> list[Block]:
    """Begin a new block at each change of mark, also without an empty line."""
    groups: list[tuple[BlockKind, list[str]]] = []
    for each in lines:
        kind, rest = _kind_of(each)
        if groups and groups[-1][0] is kind and kind is not BlockKind.HEADING:
            groups[-1][1].append(rest)
        else:
            groups.append((kind, [rest]))
    return [Block(kind, tuple(rest)) for kind, rest in groups]


def _kind_of(each: str) -> tuple[BlockKind, str]:
    if each.startswith("## "):
        return BlockKind.HEADING, each[3:]
    if each.startswith("- "):
        return BlockKind.LIST, each[2:]
    if each == ">" or each.startswith("> "):
        return BlockKind.QUOTE, each[2:]
    if each == "|" or each.startswith("| "):
        return BlockKind.OWN_TEXT, each[2:]
    return BlockKind.PARAGRAPH, each
