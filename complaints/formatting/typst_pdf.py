"""PDF from a Typst layout: tagged (PDF/UA), the same bytes for the same data and date."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal, NamedTuple

import typst

_MISSING_GLYPH = "could not be displayed"
_NOT_IN_PDF_UA = dict.fromkeys((0xFEFF, 0xFFFE))
"""Code points that Typst refuses in PDF/UA. Nobody sees them: texts from files may hold a byte order mark."""


class CompiledPdf(NamedTuple):
    """A PDF, and whether the fonts have all its characters."""

    content: bytes
    is_complete: bool
    """False: some characters are in no font and appear as boxes, and the file is not PDF/UA."""


def compile_pdf(layout: Path, inputs: Mapping[str, object], on: date, fonts: Sequence[Path] = ()) -> CompiledPdf:
    """Compile `layout`, which reads each of `inputs` as JSON from `sys.inputs`, never as markup.

    `on` is the date in the file's metadata. `fonts` are folders; the system's fonts are ignored.
    Raises typst.TypstError.
    """
    compiler = typst.Compiler(
        layout,
        root=layout.parent,
        font_paths=list(fonts),
        ignore_system_fonts=True,
        sys_inputs={
            name: json.dumps(value, ensure_ascii=False).translate(_NOT_IN_PDF_UA) for name, value in inputs.items()
        },
    )
    dated = datetime.combine(on, time(12), UTC)
    try:
        return CompiledPdf(_compile(compiler, dated, "ua-1"), is_complete=True)
    except typst.TypstError as error:
        if _MISSING_GLYPH not in error.message:
            raise
        return CompiledPdf(_compile(compiler, dated, None), is_complete=False)


def _compile(compiler: typst.Compiler, dated: datetime, standard: Literal["ua-1"] | None) -> bytes:
    pdf = compiler.compile(format="pdf", timestamp=dated, pdf_standards=standard)
    assert isinstance(pdf, bytes), "compile returns bytes for one file"
    return pdf
