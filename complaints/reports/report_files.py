"""Write the annual report as files: HTML, PDF, CSV and JSON."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from complaints.formatting.csv_cells import csv_cells
from complaints.formatting.new_file import write_new_file
from complaints.reports.annual import AnnualReport
from complaints.reports.annual_document import build_document
from complaints.reports.page import render_page
from complaints.reports.pdf import render_pdf

CSV_HEADER = ("figure", "year", "last_year")


def render_files(report: AnnualReport) -> dict[str, bytes]:
    """Render the report in each format; return contents by file name."""
    name, document = file_stem(report.year), build_document(report)
    return {
        f"{name}.html": render_page(document).encode(),
        f"{name}.pdf": render_pdf(document, report.drafted_on),
        f"{name}.csv": render_csv(report).encode(),
        f"{name}.json": (report.model_dump_json(indent=2) + "\n").encode(),
    }


def file_stem(year: int) -> str:
    return f"annual-{year}"


def write_files(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Write each file atomically; return the paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in files.items():
        write_new_file(folder / name, content)
        written.append(folder / name)
    return written


def render_csv(report: AnnualReport) -> str:
    """Render a line for each figure: its name as in the JSON, this year's, and last year's."""
    last = dict(_flatten(report.last_year.figures.model_dump(mode="json"))) if report.last_year else {}
    this = dict(_flatten(report.figures.model_dump(mode="json")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(CSV_HEADER)
    table.writerows(csv_cells((name, this.get(name), last.get(name))) for name in dict.fromkeys([*this, *last]))
    return text.getvalue()


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield names such as `timeliness.manager.answered`; list items by key, else by number."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flatten(each, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, each in enumerate(value, start=1):
            key = (each.get("key") or each.get("aspect")) if isinstance(each, dict) else None
            yield from _flatten(each, f"{name}.{key or number}")
    else:
        yield name, value
