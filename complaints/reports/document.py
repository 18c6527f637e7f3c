"""What a report is made of, before it is laid out as a page or as a PDF: both say the same."""

from dataclasses import dataclass
from typing import Literal

from complaints.letters.markup import BlockKind, blocks, clean


@dataclass(frozen=True)
class Text:
    """A paragraph, a list's items, or a heading within a section."""

    kind: Literal["paragraph", "list", "heading"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The first column names the row; in lower case, it is a part of one above."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: bool = True
    """All columns but the first."""


@dataclass(frozen=True)
class Chart:
    """A picture of a table that stands with it."""

    sentence: str
    """What it shows, in words."""
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
    """What must not be overlooked: that the year is still running."""
    dated: str
    sections: tuple[Section, ...]


def paragraph(text: str) -> Text:
    return Text("paragraph", (text,))


def written_by_hand(text: str) -> tuple[Text, ...]:
    """A text of somebody's own: paragraphs apart by empty lines, `- ` for a list, `## ` for a heading."""
    parts: list[Text] = []
    for block in blocks(text):
        lines = tuple(clean(each) for each in block.lines if each.strip())
        if not lines:
            continue
        if block.kind in (BlockKind.LIST, BlockKind.HEADING):
            parts.append(Text("list" if block.kind is BlockKind.LIST else "heading", lines))
        else:
            parts.append(paragraph(" ".join(lines)))
    return tuple(parts)
