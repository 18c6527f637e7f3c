"""The little markup of our letters: what templates write, what people's words can never become, and its blocks.

A block ends at an empty line; `## ` makes a heading, `- ` an item of a list, `> ` quoted words, `| ` words of whoever
writes the letter. A line stays a line.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MARKS = "#->|"
"""With these a line of markup begins, and no line that comes from outside."""
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Overrides of the direction of writing would turn around what follows them; letters have their own direction."""


class Marked(str):
    """Text of which every line is marked as people's words: it can be nothing else."""

    __slots__ = ()


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    QUOTE = "quote"
    WORDS = "words"


@dataclass(frozen=True)
class Block:
    """A part of a letter: its lines, or its list's items, without their marks."""

    kind: BlockKind
    lines: tuple[str, ...]


def clean(text: str) -> str:
    """One line's text: no control characters, no halves of characters, nothing that turns the writing around."""
    kept = (" " if char.isspace() else char for char in text if not _is_harmful(char))
    return " ".join("".join(kept).split())


def line(text: str) -> str:
    """A name, or a sentence, on one line, which can begin no markup."""
    return clean(text).lstrip(MARKS + " ")


def quoted(text: str) -> Marked:
    """Somebody else's words, line by line, each marked."""
    return _marked(text, ">")


def as_written(text: str) -> Marked:
    """Words of whoever writes the letter, line by line, each marked."""
    return _marked(text, "|")


def tidy(text: str) -> str:
    """Without spaces at the ends of lines, and with one empty line, no more, between blocks."""
    lines = "\n".join(each.rstrip() for each in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def blocks(text: str) -> list[Block]:
    """What a composed letter consists of."""
    return [block for part in re.split(r"\n\n+", text.strip("\n")) for block in _blocks_of(part.split("\n"))]


def _marked(text: str, mark: str) -> Marked:
    return Marked("\n".join(f"{mark} {clean(part)}".rstrip() for part in text.strip().splitlines()))


def _is_harmful(char: str) -> bool:
    code = ord(char)
    is_no_character = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    is_control = unicodedata.category(char) in ("Cc", "Cs") and not char.isspace()
    return is_control or is_no_character or char in DIRECTIONS


def _blocks_of(lines: list[str]) -> list[Block]:
    """A heading, a list or people's words may follow a paragraph's line without an empty one between them."""
    found: list[tuple[BlockKind, list[str]]] = []
    for each in lines:
        kind, rest = _kind_of(each)
        if found and found[-1][0] is kind and kind is not BlockKind.HEADING:
            found[-1][1].append(rest)
        else:
            found.append((kind, [rest]))
    return [Block(kind, tuple(rest)) for kind, rest in found]


def _kind_of(each: str) -> tuple[BlockKind, str]:
    if each.startswith("## "):
        return BlockKind.HEADING, each[3:]
    if each.startswith("- "):
        return BlockKind.LIST, each[2:]
    if each == ">" or each.startswith("> "):
        return BlockKind.QUOTE, each[2:]
    if each == "|" or each.startswith("| "):
        return BlockKind.WORDS, each[2:]
    return BlockKind.PARAGRAPH, each
