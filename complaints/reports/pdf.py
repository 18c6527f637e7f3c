"""A report as a PDF."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from complaints.formatting.typst_pdf import compile_pdf
from complaints.reports.charts.drawing import FONTS
from complaints.reports.document import Chart, Document, Part, Table

LAYOUT = Path(__file__).with_name("report.typ")


def render_pdf(document: Document, on: date) -> bytes:
    """Render a report, dated `on`. Characters that are in no font appear as boxes."""
    return compile_pdf(LAYOUT, {"report": _data(document, on)}, on, [FONTS]).content


def _data(document: Document, on: date) -> dict[str, Any]:
    sections = [
        {"title": section.title, "parts": [_part(part) for part in section.parts]} for section in document.sections
    ]
    dated = {"year": on.year, "month": on.month, "day": on.day}
    return {**asdict(document), "sections": sections, "on": dated}


def _part(part: Part) -> dict[str, Any]:
    kind = {Chart: "chart", Table: "table"}.get(type(part))
    return {**asdict(part), "kind": kind} if kind else asdict(part)
