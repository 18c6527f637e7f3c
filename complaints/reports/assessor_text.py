"""Add the Assessor's text to an annual report, from a folder of text files.

Free text from the record may name people, so the report prints none of it. The Assessor's text on a finding is
refused if it has the complainant's name or another identifier.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.reports.annual import AnnualReport, ReportWithReferences

SECTIONS = (
    "foreword",
    "received",
    "all-complaints",
    "first-step",
    "timeliness",
    "outcomes",
    "reviews",
    "findings",
    "own-time",
    "compensation",
    "themes",
    "one-by-one",
    "last-year",
    "closing",
)
"""Each section may have a text file, such as `foreword.txt`."""
FINDINGS_FOLDER = "findings"
"""The subfolder for findings: REF.txt, and REF.2.txt for the second recommendation."""
MAX_CHARACTERS = 50_000
MIN_NAME_LENGTH = 3
"""Shorter parts of a name occur in too many texts."""


class AssessorTextError(ValueError):
    """The Assessor's text has errors; the message has a line for each, with its file."""


class AssessorTextFiles(NamedTuple):
    """The text files of a folder, by name."""

    sections: list[Path]
    findings: list[Path]

    @classmethod
    def read(cls, folder: Path) -> "AssessorTextFiles":
        """List the files of a folder. Raises AssessorTextError."""
        if not folder.is_dir():
            raise AssessorTextError(f"{folder}: there is no such folder; give a folder of text files")
        return cls(sorted(folder.glob("*.txt")), sorted((folder / FINDINGS_FOLDER).glob("*.txt")))


async def add_assessor_text(engine: AsyncEngine, gathered: ReportWithReferences, folder: Path | None) -> AnnualReport:
    """Return the report with the Assessor's text; folder None: without.

    Raises AssessorTextError, RecordUnreachableError, RecordError.
    """
    if folder is None:
        return gathered.report
    files = AssessorTextFiles.read(folder)
    errors: list[str] = []
    report = gathered.report.model_copy(deep=True)
    for path in files.sections:
        if path.stem not in SECTIONS:
            errors.append(f"{path.name}: there is no such section; give one of {', '.join(SECTIONS)}")
        elif text := _read(path, errors):
            report.words[path.stem] = text
    places = {reference: number for number, reference in enumerate(gathered.references)}
    targets = {path: _find_target(path, report, places) for path in files.findings}
    identifiers = await _read_identifiers(
        engine, sorted({reference for reference, _ in filter(None, targets.values())})
    )
    for path, target in targets.items():
        if target is None:
            errors.append(
                f"{FINDINGS_FOLDER}/{path.name}: no such finding or recommendation; name it REF.txt or REF.2.txt"
            )
            continue
        reference, number = target
        text = " ".join(_read(path, errors).split())
        errors += [
            f"{FINDINGS_FOLDER}/{path.name}: {name!r} identifies the complainant; leave it out"
            for name in identifiers[reference]
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        ]
        finding = report.findings[places[reference]]
        if number is None:
            finding.words = text
        else:
            finding.recommendations[number - 1].words = text
    if errors:
        raise AssessorTextError("\n".join(errors))
    return report


def _read(path: Path, errors: list[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        errors.append(f"{path.name}: it cannot be read: {error}")
        return ""
    if len(text) > MAX_CHARACTERS:
        errors.append(f"{path.name}: {len(text):,} characters; {MAX_CHARACTERS:,} at most")
    return text


def _find_target(path: Path, report: AnnualReport, places: dict[str, int]) -> tuple[str, int | None] | None:
    """Return the reference, and a recommendation's number, that a file is about; None: no such."""
    if path.stem in places:
        return path.stem, None
    reference, _, number = path.stem.rpartition(".")
    if reference not in places or not number.isdecimal():
        return None
    last = len(report.findings[places[reference]].recommendations)
    return (reference, int(number)) if 1 <= int(number) <= last else None


async def _read_identifiers(engine: AsyncEngine, references: list[str]) -> dict[str, list[str]]:
    """Read names, addresses and references, which identify complainants, by reference."""
    form = tables.complaints.c.state["form"]
    statement = select(tables.complaints.c.reference, form["complainant"], form["case"]).where(
        tables.complaints.c.reference.in_(references)
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).all()
    return {reference: list(_identifiers(reference, complainant, case)) for reference, complainant, case in rows}


def _identifiers(reference: str, complainant: dict[str, str | None], case: dict[str, str | None]) -> Iterator[str]:
    whole = [reference, case.get("reference"), complainant.get("email")]
    yield from (each for each in whole if each)
    yield from (part for part in re.findall(r"\w+", complainant.get("name") or "") if len(part) >= MIN_NAME_LENGTH)
    yield from (each for each in (complainant.get("address") or "").splitlines() if len(each) >= MIN_NAME_LENGTH)
