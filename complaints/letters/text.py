"""A letter as text/plain."""

from complaints.letters.markup import Block, BlockKind, blocks
from complaints.letters.templates import Composed

MARKS = {BlockKind.LIST: "- ", BlockKind.QUOTE: "    "}
"""Quoted words are set in: behind `>` a mail program would hide them as those of an earlier mail."""
OF_AN_ITEM = "  "
"""Before words that belong to the item of a list before them."""


def text_of(letter: Composed) -> str:
    """Headings stand on a line of their own."""
    parts = blocks(letter.text)
    befores = [None, *(part.kind for part in parts)]
    return "\n\n".join(_written(block, before) for block, before in zip(parts, befores, strict=False)) + "\n"


def _written(block: Block, before: BlockKind | None) -> str:
    mark = MARKS.get(block.kind, "")
    if block.kind is BlockKind.WORDS and before is BlockKind.LIST:
        mark = OF_AN_ITEM
    return "\n".join(f"{mark}{each}".rstrip() for each in block.lines)
