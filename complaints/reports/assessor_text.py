"""Add the Assessor's text to an annual report, from a folder of text files.

Free text from the record may name people, so the report prints none of it. The Assessor's text is refused if it has
a complainant's name or another identifier.
"""

from collections.abc import Mapping
from pathlib import Path

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


def read_texts(folder: Path) -> dict[str, str]:
    """Read the text files of a folder, by name, such as `findings/C-1003.txt`.

    Raises AssessorTextError.
    """
    if not folder.is_dir():
        raise AssessorTextError(f"{folder}: there is no such folder; give a folder of text files")
    errors: list[str] = []
    texts: dict[str, str] = {}
    for path in (*sorted(folder.glob("*.txt")), *sorted((folder / FINDINGS_FOLDER).glob("*.txt"))):
        try:
            texts[str(path.relative_to(folder))] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            errors.append(f"{path.name}: it cannot be read: {error}")
    if errors:
        raise AssessorTextError("\n".join(errors))
    return texts


async def add_assessor_text(
    engine: AsyncEngine, gathered: ReportWithReferences, texts: Mapping[str, str] | None
) -> AnnualReport:
    """Return the report with the Assessor's text by file name, as `read_texts` reads it.

    None: without.

    Raises AssessorTextError, RecordUnreachableError, RecordError.
    """
    if texts is None:
        return gathered.report
    errors: list[str] = []
    report = gathered.report.model_copy(deep=True)
    places = {reference: number for number, reference in enumerate(gathered.references)}
    checked: dict[str, str] = {}
    for file, text in texts.items():
        name = file.removesuffix(".txt")
        if len(text) > MAX_CHARACTERS:
            errors.append(f"{file}: {len(text):,} characters; {MAX_CHARACTERS:,} at most")
        elif name.startswith(f"{FINDINGS_FOLDER}/"):
            checked[name] = " ".join(text.split())
            if not _add_to_finding(report, places, name.removeprefix(f"{FINDINGS_FOLDER}/"), checked[name]):
                errors.append(f"{file}: no such finding or recommendation; name it REF.txt or REF.2.txt")
        elif name not in SECTIONS:
            errors.append(f"{file}: there is no such section; give one of {', '.join(SECTIONS)}")
        elif text.strip():
            checked[name] = report.words[name] = text.strip()
    named = await find_names(engine, report.policy, list(report.tiers)[-1], gathered.references, checked)
    errors += [f"{place}.txt: {name!r} identifies {whose}; leave it out" for place, name, whose in named]
    if errors:
        raise AssessorTextError("\n".join(errors))
    return report


def _add_to_finding(report: AnnualReport, places: Mapping[str, int], stem: str, text: str) -> bool:
    """Add a text to its finding or recommendation; return whether there is one."""
    target = _find_target(stem, report, places)
    if target is None:
        return False
    reference, number = target
    finding = report.findings[places[reference]]
    if number is None:
        finding.words = text
    else:
        finding.recommendations[number - 1].words = text
    return True


def _find_target(stem: str, report: AnnualReport, places: Mapping[str, int]) -> tuple[str, int | None] | None:
    """Return the reference, and a recommendation's number, that a file is about.

    None: no such.
    """
    if stem in places:
        return stem, None
    reference, _, number = stem.rpartition(".")
    if reference not in places or not number.isdecimal():
        return None
    last = len(report.findings[places[reference]].recommendations)
    return (reference, int(number)) if 1 <= int(number) <= last else None
