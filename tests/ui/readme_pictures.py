"""Draw the README's pictures of a letter and of the annual report: `make pictures`."""

import asyncio
import json
from pathlib import Path

import typst

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.letters import pdf as letter_pdf
from complaints.records.database import make_engine
from complaints.reports import pdf as report_pdf
from complaints.reports.annual import build_report
from complaints.reports.annual_document import build_document
from complaints.reports.charts.drawing import FONTS
from complaints.reports.period import Year
from local.ephemeral_stack import ephemeral_postgres
from local.servers.owner import upgrade_as_owner
from tests.letters.letter_cases import LETTERS
from tests.letters.render_letter import compose_letter
from tests.reports.sample_complaints import FOS, put_on_record
from tests.reports.test_published_year import LATER, the_year

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LETTER = "reply, upheld, by post"
PIXELS_PER_INCH = 80


def main() -> None:
    with ephemeral_postgres() as url:
        upgrade_as_owner(url)
        report = asyncio.run(_draw_report(url))
    (IMAGES / "annual-report.png").write_bytes(report)
    (IMAGES / "letter.png").write_bytes(_draw_letter())


def _draw_letter() -> bytes:
    occasion, story = LETTERS[LETTER]
    letter = compose_letter(story(), occasion)
    return _draw_first_page(letter_pdf.LAYOUT, {"letter": letter_pdf._data(letter)})


async def _draw_report(url: str) -> bytes:
    engine = make_engine(url, keys=InMemoryKeys())
    try:
        await put_on_record(engine, (sample.complaint for sample in the_year()))
        report = (await build_report(engine, FOS, Year.of(FOS, 2009), LATER)).report
    finally:
        await engine.dispose()
    return _draw_first_page(report_pdf.LAYOUT, {"report": report_pdf._data(build_document(report), LATER.date())})


def _draw_first_page(layout: Path, inputs: dict[str, object]) -> bytes:
    compiler = typst.Compiler(
        layout,
        root=layout.parent,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={name: json.dumps(value) for name, value in inputs.items()},
    )
    pages = compiler.compile(format="png", ppi=PIXELS_PER_INCH)
    page = pages[0] if isinstance(pages, list) else pages
    assert isinstance(page, bytes)
    return page


if __name__ == "__main__":
    main()
