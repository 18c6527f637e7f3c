"""The annual report as files: a page, a PDF, and data; all of the same name."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from complaints.reports.annual import AnnualReport
from complaints.reports.annual_document import document_of
from complaints.reports.page import page_of
from complaints.reports.pdf import pdf_of

HEAD = ("figure", "year", "last_year")


def files_of(report: AnnualReport) -> dict[str, bytes]:
    """Their contents by their names."""
    name, document = name_of(report.year), document_of(report)
    return {
        f"{name}.html": page_of(document).encode(),
        f"{name}.pdf": pdf_of(document, report.drafted_on),
        f"{name}.csv": csv_of(report).encode(),
        f"{name}.json": (report.model_dump_json(indent=2) + "\n").encode(),
    }


def name_of(year: int) -> str:
    return f"annual-{year}"


def put(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Each whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in files.items():
        part = folder / f".{name}.part"
        part.write_bytes(content)
        written.append(part.replace(folder / name))
    return written


def csv_of(report: AnnualReport) -> str:
    """A line for each figure: its name as in the JSON, this year's, and last year's."""
    last = dict(_flat(report.last_year.figures.model_dump(mode="json"))) if report.last_year else {}
    this = dict(_flat(report.figures.model_dump(mode="json")))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEAD)
    table.writerows((name, this.get(name), last.get(name)) for name in dict.fromkeys([*this, *last]))
    return text.getvalue()


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """`timeliness.manager.answered`: parts of a list are called by their key, else by their number from 1."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(each, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, each in enumerate(value, start=1):
            own = (each.get("key") or each.get("aspect")) if isinstance(each, dict) else None
            yield from _flat(each, f"{name}.{own or number}")
    else:
        yield name, value
