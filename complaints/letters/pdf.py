"""A letter as a PDF for the mail room: A4, with the address in the window of an envelope."""

from pathlib import Path

from complaints.formatting.typst_pdf import CompiledPdf, compile_pdf
from complaints.letters.markup import Block, BlockKind, by_direction, parse_blocks
from complaints.letters.templates import ComposedLetter
from complaints.procedure.dates.date_format import format_long_date

LAYOUT = Path(__file__).with_name("layout.typ")
SANS_SERIF = Path(__file__).with_name("fonts")
"""DejaVu Sans: Typst has no sans serif of its own."""


def render_pdf(letter: ComposedLetter, fonts: Path | None = None) -> CompiledPdf:
    """Render a letter in a sans serif of 12 points, or of 16 in large print.

    `fonts` is a folder of fonts for other scripts.
    """
    return compile_pdf(LAYOUT, {"letter": _data(letter)}, letter.sent_on, [SANS_SERIF, *([fonts] if fonts else [])])


def _data(letter: ComposedLetter) -> dict[str, object]:
    sent_on = letter.sent_on
    return {
        "large_print": letter.large_print,
        "reference": letter.reference,
        "subject": letter.subject,
        "blocks": [_block_data(block) for block in parse_blocks(letter.text)],
        "to": letter.to,
        "sender": letter.sender.model_dump(),
        "date": format_long_date(sent_on),
        "sent_on": {"year": sent_on.year, "month": sent_on.month, "day": sent_on.day},
    }


def _block_data(block: Block) -> dict[str, object]:
    """Give each list item, and each part of a free text, its writing direction."""
    if block.kind is BlockKind.LIST:
        parts = [part for line in block.lines for part in by_direction([line])]
    else:
        parts = by_direction(block.lines)
    return {
        "kind": block.kind,
        "lines": block.lines,
        "parts": [{"dir": part.direction, "lines": part.lines} for part in parts],
    }
