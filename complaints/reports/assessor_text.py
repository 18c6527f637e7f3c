"""The Assessor's own words: a text file for each section, and for each finding and recommendation that she tells of.

The record's words are never printed, for they may name anybody. Hers are looked through for the complaint's own names.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.reports.annual import AnnualReport, Gathered

SECTIONS = (
    "foreword",
    "received",
    "timeliness",
    "reviews",
    "findings",
    "compensation",
    "themes",
    "one-by-one",
    "closing",
)
"""Each may have a text file of its name."""
OF_FINDINGS = "findings"
"""The folder of those about single findings: REF.txt, and REF.2.txt for the second recommendation."""
LONGEST = 50_000
SHORTEST_NAME = 3
"""Shorter parts of a name stand in too many words."""


class WordsError(ValueError):
    """Words that cannot be printed; the message says all that is wrong, with each file."""


class AssessorTextFiles(NamedTuple):
    """The files of a folder of words, in their order."""

    sections: list[Path]
    findings: list[Path]

    @classmethod
    def read(cls, folder: Path) -> "AssessorTextFiles":
        """Raises WordsError."""
        if not folder.is_dir():
            raise WordsError(f"{folder}: there is no such folder")
        return cls(sorted(folder.glob("*.txt")), sorted((folder / OF_FINDINGS).glob("*.txt")))


async def with_words(engine: AsyncEngine, gathered: Gathered, folder: Path | None) -> AnnualReport:
    """Raises WordsError, RecordUnreachableError, RecordError."""
    if folder is None:
        return gathered.report
    given = AssessorTextFiles.read(folder)
    errors: list[str] = []
    report = gathered.report.model_copy(deep=True)
    for path in given.sections:
        if path.stem not in SECTIONS:
            errors.append(f"{path.name}: there is no such section; give one of {', '.join(SECTIONS)}")
        elif text := _read(path, errors):
            report.words[path.stem] = text
    places = {reference: number for number, reference in enumerate(gathered.references)}
    about = {path: _about(path, report, places) for path in given.findings}
    names = await _names(engine, sorted({reference for reference, _ in filter(None, about.values())}))
    for path, found in about.items():
        if found is None:
            errors.append(f"{OF_FINDINGS}/{path.name}: the report has no such finding or recommendation")
            continue
        reference, number = found
        text = " ".join(_read(path, errors).split())
        errors += [
            f"{OF_FINDINGS}/{path.name}: it says {name!r}, which would tell who complained"
            for name in names[reference]
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        ]
        finding = report.findings[places[reference]]
        if number is None:
            finding.words = text
        else:
            finding.recommendations[number - 1].words = text
    if errors:
        raise WordsError("\n".join(errors))
    return report


def _read(path: Path, errors: list[str]) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        errors.append(f"{path.name} cannot be read: {error}")
        return ""
    if len(text) > LONGEST:
        errors.append(f"{path.name}: is longer than {LONGEST:,} characters")
    return text


def _about(path: Path, report: AnnualReport, places: dict[str, int]) -> tuple[str, int | None] | None:
    """The finding of that reference, or one of its recommendations; None: there is none."""
    if path.stem in places:
        return path.stem, None
    reference, _, number = path.stem.rpartition(".")
    if reference not in places or not number.isdecimal():
        return None
    there = len(report.findings[places[reference]].recommendations)
    return (reference, int(number)) if 1 <= int(number) <= there else None


async def _names(engine: AsyncEngine, references: list[str]) -> dict[str, list[str]]:
    """What would tell who complained: the parts of the name, addresses, and the references."""
    form = tables.complaints.c.state["form"]
    wanted = select(tables.complaints.c.reference, form["complainant"], form["case"]).where(
        tables.complaints.c.reference.in_(references)
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(wanted)).all()
    return {reference: list(_telling(reference, complainant, case)) for reference, complainant, case in rows}


def _telling(reference: str, complainant: dict[str, str | None], case: dict[str, str | None]) -> Iterator[str]:
    whole = [reference, case.get("reference"), complainant.get("email")]
    yield from (each for each in whole if each)
    yield from (part for part in re.findall(r"\w+", complainant.get("name") or "") if len(part) >= SHORTEST_NAME)
    yield from (each for each in (complainant.get("address") or "").splitlines() if len(each) >= SHORTEST_NAME)
