"""A letter as text/plain."""

from complaints.letters.composing import Composed
from complaints.letters.markup import Block, BlockKind, blocks

MARKS = {BlockKind.LIST: "- ", BlockKind.QUOTE: "    "}
"""Quoted words are set in: behind `>` a mail program would hide them as those of an earlier mail."""


def text_of(letter: Composed) -> str:
    """Headings stand on a line of their own."""
    return "\n\n".join(_written(block) for block in blocks(letter.text)) + "\n"


def _written(block: Block) -> str:
    mark = MARKS.get(block.kind, "")
    return "\n".join(f"{mark}{each}".rstrip() for each in block.lines)
