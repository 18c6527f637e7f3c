"""A letter as text/plain."""

from complaints.letters.markup import Block, BlockKind, parse_blocks
from complaints.letters.templates import ComposedLetter

MARKS = {BlockKind.LIST: "- ", BlockKind.QUOTE: "    "}
"""A quote is indented: after `>`, a mail program would hide it as part of an earlier mail."""
ITEM_INDENT = "  "
"""For a text that belongs to the list item before it."""


def render_text(letter: ComposedLetter) -> str:
    """Render a letter, with an empty line between blocks."""
    blocks = parse_blocks(letter.text)
    previous_kinds = [None, *(block.kind for block in blocks)]
    rendered = (_render_block(block, previous) for block, previous in zip(blocks, previous_kinds, strict=False))
    return "\n\n".join(rendered) + "\n"


def _render_block(block: Block, previous: BlockKind | None) -> str:
    mark = MARKS.get(block.kind, "")
    if block.kind is BlockKind.OWN_TEXT and previous is BlockKind.LIST:
        mark = ITEM_INDENT
    return "\n".join(f"{mark}{each}".rstrip() for each in block.lines)
