"""A letter as a PDF for the mail room: A4 for a window envelope, tagged (PDF/UA), and the same bytes every time.

The letter goes into the page's layout as data, never as markup. Only the fonts that Typst brings are used, and those of
a folder of the organisation's, where its letters need further scripts.
"""

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Literal, NamedTuple

import typst

from complaints.letters.markup import blocks
from complaints.letters.templates import Composed
from complaints.procedure.dates.date_format import format_long_date

LAYOUT = Path(__file__).with_name("layout.typ")
NO_GLYPH = "could not be displayed"


class Printed(NamedTuple):
    """A letter ready to be printed."""

    pdf: bytes
    is_complete: bool
    """False: some characters are in no font and stand as empty boxes; somebody should look at it before it goes."""


def pdf_of(letter: Composed, fonts: Path | None = None) -> Printed:
    compiler = typst.Compiler(
        LAYOUT,
        root=LAYOUT.parent,
        font_paths=[fonts] if fonts else [],
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(_data(letter))},
    )
    dated = datetime.combine(letter.sent_on, time(12), UTC)
    try:
        return Printed(_compiled(compiler, dated, "ua-1"), is_complete=True)
    except typst.TypstError as error:
        if NO_GLYPH not in error.message:
            raise
        return Printed(_compiled(compiler, dated, None), is_complete=False)


def _compiled(compiler: typst.Compiler, dated: datetime, standard: Literal["ua-1"] | None) -> bytes:
    pdf = compiler.compile(format="pdf", timestamp=dated, pdf_standards=standard)
    assert isinstance(pdf, bytes), "one file was asked for"
    return pdf


def _data(letter: Composed) -> dict[str, object]:
    sent_on = letter.sent_on
    return {
        "reference": letter.reference,
        "subject": letter.subject,
        "blocks": [{"kind": block.kind, "lines": block.lines} for block in blocks(letter.text)],
        "to": letter.to,
        "sender": letter.sender.model_dump(),
        "date": format_long_date(sent_on),
        "sent_on": {"year": sent_on.year, "month": sent_on.month, "day": sent_on.day},
    }
