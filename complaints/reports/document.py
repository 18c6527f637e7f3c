"""The document model of a report, which `page` and `pdf` both render."""

from dataclasses import dataclass
from typing import Literal

from complaints.letters.markup import BlockKind, clean, parse_blocks


@dataclass(frozen=True)
class Text:
    """A paragraph, a list's items, or a heading within a section."""

    kind: Literal["paragraph", "list", "heading"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table whose first column names the row; a name in lower case is a part of a row above."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True
    """Align all columns but the first as numbers."""


@dataclass(frozen=True)
class Chart:
    """A chart of figures that a table of the same section also has."""

    sentence: str
    """Its caption, which says what it shows."""
    svg: str


Part = Text | Table | Chart


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Document:
    title: str
    subtitle: str
    body: str
    mark: str | None
    """A notice in a box: that the year has not ended."""
    dated: str
    sections: tuple[Section, ...]


def paragraph(text: str) -> Text:
    return Text("paragraph", (text,))


def parse_text(text: str) -> tuple[Text, ...]:
    """Parse text: empty lines between paragraphs, `- ` for a list item, `## ` for a heading."""
    parts: list[Text] = []
    for block in parse_blocks(text):
        lines = tuple(clean(each) for each in block.lines if each.strip())
        if not lines:
            continue
        if block.kind in (BlockKind.LIST, BlockKind.HEADING):
            parts.append(Text("list" if block.kind is BlockKind.LIST else "heading", lines))
        else:
            parts.append(paragraph(" ".join(lines)))
    return tuple(parts)
