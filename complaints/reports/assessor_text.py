"""Add the Assessor's text to an annual report, from a folder of text files.

Free text from the record may name people, so the report prints none of it. The Assessor's text is refused if it has
a complainant's name or another identifier.
"""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.identifiers import find_names
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
    texts = dict(report.words)
    for path in files.findings:
        place, target = f"{FINDINGS_FOLDER}/{path.name}", _find_target(path, report, places)
        if target is None:
            errors.append(f"{place}: no such finding or recommendation; name it REF.txt or REF.2.txt")
            continue
        reference, number = target
        text = " ".join(_read(path, errors).split())
        texts[f"{FINDINGS_FOLDER}/{path.stem}"] = text
        finding = report.findings[places[reference]]
        if number is None:
            finding.words = text
        else:
            finding.recommendations[number - 1].words = text
    named = await find_names(engine, report.policy, list(report.tiers)[-1], gathered.references, texts)
    errors += [f"{place}.txt: {name!r} identifies {whose}; leave it out" for place, name, whose in named]
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
