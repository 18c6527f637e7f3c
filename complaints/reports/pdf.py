"""A report as a PDF: A4, tagged (PDF/UA), and the same bytes for the same report of the same date."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from complaints.letters.pdf import NO_GLYPH
from complaints.reports.charts import FONTS
from complaints.reports.document import Chart, Document, Part, Table

LAYOUT = Path(__file__).with_name("report.typ")


def pdf_of(document: Document, on: date) -> bytes:
    """Where somebody's own words have characters that are in no font, those stand as boxes, and it is not PDF/UA."""
    compiler = typst.Compiler(
        LAYOUT,
        root=LAYOUT.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(_data(document, on))},
    )
    dated = datetime.combine(on, time(12), UTC)
    try:
        return _compiled(compiler, dated, "ua-1")
    except typst.TypstError as error:
        if NO_GLYPH not in error.message:
            raise
        return _compiled(compiler, dated, None)


def _compiled(compiler: typst.Compiler, dated: datetime, standard: Literal["ua-1"] | None) -> bytes:
    pdf = compiler.compile(format="pdf", timestamp=dated, pdf_standards=standard)
    assert isinstance(pdf, bytes), "one file was asked for"
    return pdf


def _data(document: Document, on: date) -> dict[str, Any]:
    sections = [
        {"title": section.title, "parts": [_part(part) for part in section.parts]} for section in document.sections
    ]
    dated = {"year": on.year, "month": on.month, "day": on.day}
    return {**asdict(document), "sections": sections, "on": dated}


def _part(part: Part) -> dict[str, Any]:
    kind = {Chart: "chart", Table: "table"}.get(type(part))
    return {**asdict(part), "kind": kind} if kind else asdict(part)
