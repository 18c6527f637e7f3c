"""The annual report: its balance, its privacy, the Assessor's text, and its stability."""

import io
import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.policies.loader import load_policy
from complaints.procedure.acts import (
    AcceptLate,
    AcceptReview,
    AnswerRecommendation,
    CaseClosed,
    Classify,
    Escalate,
    GiveOpinion,
    Reply,
    Resolve,
)
from complaints.procedure.dates.calendar import DAY
from complaints.procedure.enums import Code
from complaints.records.erasure import anonymise
from complaints.records.personal.encryption import destroy_keys
from complaints.reports.annual import AnnualReport, LastYearError, ReportWithReferences, build_report, read_last_year
from complaints.reports.assessor_text import AssessorTextError, add_assessor_text, read_texts
from complaints.reports.complaint_figures import UnbalancedError
from complaints.reports.figures import Balance
from complaints.reports.period import NoReportError, Year
from complaints.reports.report_files import render_files
from complaints.reports.timeliness import GroupBy, build_timeliness_report
from tests.reports.sample_complaints import FOS, SampleComplaint, put_on_record

YEAR = Year.of(FOS, 2026)
RUNNING, OVER = datetime(2026, 11, 25, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
SPRING = date(2026, 5, 4)
SECRETS = ("Quince", "quince@example.org", "Orchard", "C-77", "CASE-77", "the neighbour Mavis")


def identifying(reference: str = "C-77") -> SampleComplaint:
    """Make a complaint with text that identifies the complainant in every field."""
    who = {"name": "Sir Ada Quince", "email": "quince@example.org", "address": "9 Orchard Row\nLeeds"}
    words = "Sir Ada Quince and the neighbour Mavis were kept waiting."
    lived = SampleComplaint(reference, SPRING, complainant=who, case={"reference": "CASE-77"}).at_the_assessor()
    recommended = [{"kind": "action", "what": words}, {"kind": "compensation", "pence": 17_500}, {"kind": "apology"}]
    lived.act(AcceptReview, 12).act(GiveOpinion, 30, satisfactory=False, explanation=words, recommendations=recommended)
    lived.act(AnswerRecommendation, 31, by="lead", recommendation=1, accepted=True)
    return lived.act(AnswerRecommendation, 32, by="lead", recommendation=2, accepted=False, reason=words)


async def report_on(engine: AsyncEngine, *lived: SampleComplaint, now: datetime = OVER) -> ReportWithReferences:
    await put_on_record(engine, (each.complaint for each in lived))
    return await build_report(engine, FOS, YEAR, now, cases_resolved=200)


def test_a_year_runs_from_1_april_to_31_march_on_londons_clocks() -> None:
    assert (YEAR.name, YEAR.first, YEAR.last) == ("2026/27", date(2026, 4, 1), date(2027, 3, 31))
    assert (YEAR.start, YEAR.end) == (
        datetime(2026, 3, 31, 23, tzinfo=UTC),
        datetime(2027, 3, 31, 23, tzinfo=UTC),
    )
    assert Year.at(FOS, YEAR.first) == Year.at(FOS, YEAR.last) == YEAR
    assert Year.at(FOS, YEAR.first - DAY) == Year.of(FOS, 2025)
    with pytest.raises(NoReportError):
        Year.of(load_policy("housing-complaint-handling-code"), 2026)


def test_figures_that_do_not_add_up_are_an_error() -> None:
    figures = dict.fromkeys(Balance.model_fields, 1)
    with pytest.raises(UnbalancedError, match=r"^2026/27: .* are 2, but 6 not investigated"):
        Balance.model_validate(figures).check(YEAR.name)


async def test_the_balance_holds_for_every_result_of_a_referral(engine: AsyncEngine) -> None:
    case_open = SampleComplaint("case-open", SPRING, case={"open": True, "answered_on": None}).at_the_assessor()
    moved_out = (
        SampleComplaint("moved", SPRING)
        .at_the_assessor()
        .act(Classify, 12, by="lee", concern=1, aspect="outcome", reason="It is.")
    )
    moved_back = (
        SampleComplaint("back", SPRING)
        .at_the_assessor()
        .act(Classify, 12, by="lee", concern=1, aspect="outcome", reason="It is.")
    )
    moved_back.act(Classify, 20, by="lee", concern=1, aspect="delay", reason="It is not.")
    late = SampleComplaint("late", SPRING).act(Reply, 2, outcome="upheld", findings="So.").act(Escalate, 4, by="intake")
    late.act(Reply, 6, outcome="upheld", findings="So.")
    refused = (
        SampleComplaint("refused", SPRING).act(Reply, 2, outcome="upheld", findings="So.").act(Escalate, 4, by="intake")
    )
    refused.act(Reply, 6, outcome="upheld", findings="So.")
    for each in (late, refused):
        each.act(Escalate, 90, Code.WINDOW_ENDED, by="intake").act(Escalate, 91, Code.WINDOW_ENDED, by="intake")
    late.act(AcceptLate, 95, by="lee", reason="She was ill.")
    found = await report_on(
        engine,
        case_open,
        moved_out,
        moved_back,
        late,
        refused,
        SampleComplaint("resolved", SPRING).at_the_assessor().act(Resolve, 12, by="intake"),
        SampleComplaint("early", SPRING)
        .act(Escalate, 1, Code.TOO_EARLY, to="independent_assessor", by="intake")
        .act(Escalate, 2, Code.TOO_EARLY, to="independent_assessor", by="intake"),
    )
    balance = found.report.figures.balance
    assert (balance.referred, balance.too_early, balance.out_of_time) == (7, 1, 1)
    assert (balance.not_about_service, balance.withdrawn, balance.awaiting) == (1, 1, 3)
    waits = case_open.act(CaseClosed, 300, by="cases").complaint
    await put_on_record(engine, [waits])
    assert (await build_report(engine, FOS, YEAR, OVER)).report.figures.balance == balance


class Page(HTMLParser):
    """The elements of an HTML page, in order."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def assert_accessible_and_self_contained(page: Page) -> None:
    names = [name for name, _ in page.elements]
    assert page.elements[0] == ("html", {"lang": "en-GB"})
    assert not {"script", "img", "link", "iframe"} & set(names)
    assert names.count("h1") == 1
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert len(ids) == len(set(ids))
    targets = {given["href"] for name, given in page.elements if name == "a"}
    assert {str(target)[1:] for target in targets} <= set(ids)
    charts = [given for name, given in page.elements if name == "svg"]
    assert len(charts) == names.count("figcaption") == 6
    assert all(given["role"] == "img" and given["aria-labelledby"] in ids for given in charts)
    assert names.count("table") == names.count("caption") >= len(charts)


async def test_no_file_identifies_the_complainant(engine: AsyncEngine) -> None:
    found = await report_on(engine, identifying())
    files = render_files(found.report)
    assert set(files) == {f"annual-2026.{ending}" for ending in ("html", "pdf", "csv", "json")}
    said = {name: content.decode() for name, content in files.items() if not name.endswith("pdf")}
    pages = PdfReader(io.BytesIO(files["annual-2026.pdf"])).pages
    said["annual-2026.pdf"] = " ".join(page.extract_text() for page in pages)
    for name, text in said.items():
        assert [secret for secret in SECRETS if secret.lower() in " ".join(text.split()).lower()] == [], name
    assert "Compensation of £175" in said["annual-2026.html"]
    assert "Compensation of £175" in said["annual-2026.pdf"]
    assert "This year is still running" not in said["annual-2026.html"]
    assert_accessible_and_self_contained(Page(files["annual-2026.html"]))
    [finding] = found.report.findings
    assert [each.accepted for each in finding.recommendations] == [True, False, None]


async def test_anonymisation_and_the_end_of_a_key_do_not_change_the_report(engine: AsyncEngine) -> None:
    found = await report_on(engine, identifying())
    before = await build_timeliness_report(engine, FOS, YEAR, GroupBy.HOLDER)
    await destroy_keys(engine, "C-77", None, "Six years have passed.", OVER)
    assert await report_on(engine) == found
    await anonymise(engine, ["C-77"], OVER, None, "Six years have passed.")
    assert await report_on(engine) == found
    assert await build_timeliness_report(engine, FOS, YEAR, GroupBy.HOLDER) == before


async def test_two_reports_on_one_record_differ_only_in_the_date(engine: AsyncEngine) -> None:
    first, again, later = [
        render_files(found.report)
        for found in (
            await report_on(engine, identifying(), now=RUNNING),
            await report_on(engine, now=RUNNING),
            await report_on(engine, now=RUNNING + DAY),
        )
    ]
    assert first == again
    for ending in ("html", "json", "csv"):
        name = f"annual-2026.{ending}"
        undated = [re.sub(r"2[56] November 2026|2026-11-2[56]", "", files[name].decode()) for files in (first, later)]
        assert undated[0] == undated[1]
    assert b"This year is still running" in first["annual-2026.html"]


async def test_the_assessors_text_is_in_its_sections(engine: AsyncEngine, tmp_path: Path) -> None:
    found = await report_on(engine, identifying())
    (tmp_path / "findings").mkdir()
    (tmp_path / "foreword.txt").write_text("My second year.\n\n## Thanks\n\n- to the <team>\n", encoding="utf-8")
    (tmp_path / "findings" / "C-77.txt").write_text("A file lay for weeks \N{PENSIVE FACE}.", encoding="utf-8")
    (tmp_path / "findings" / "C-77.1.txt").write_text("Send the file.", encoding="utf-8")
    report = await add_assessor_text(engine, found, read_texts(tmp_path))
    page = render_files(report)["annual-2026.html"].decode()
    for said in ("My second year.", "<h3>Thanks</h3>", "to the &lt;team&gt;", "A file lay", "Action: Send the file."):
        assert said in page
    assert found.report.findings[0].words is None


async def test_every_error_of_the_assessors_text_is_listed(engine: AsyncEngine, tmp_path: Path) -> None:
    found = await report_on(engine, identifying())
    (tmp_path / "findings").mkdir()
    (tmp_path / "forword.txt").write_text("Hello.", encoding="utf-8")
    (tmp_path / "findings" / "C-78.txt").write_text("Who?", encoding="utf-8")
    (tmp_path / "findings" / "C-77.4.txt").write_text("Which?", encoding="utf-8")
    (tmp_path / "findings" / "C-77.txt").write_text("Mx QUINCE waited.", encoding="utf-8")
    (tmp_path / "closing.txt").write_text("I thank Ada QUINCE, of 9 Orchard Row.", encoding="utf-8")
    with pytest.raises(AssessorTextError) as raised:
        await add_assessor_text(engine, found, read_texts(tmp_path))
    lines = str(raised.value).splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("forword.txt: there is no such section; give one of foreword, ")
    assert "findings/C-77.txt: 'Quince' identifies the complainant; leave it out" in lines
    assert [line for line in lines if line.startswith("closing.txt")] == [
        f"closing.txt: {name!r} identifies the complainant; leave it out" for name in ("9 Orchard Row", "Ada", "Quince")
    ]


async def test_last_years_published_report_is_compared(engine: AsyncEngine) -> None:
    report = (await report_on(engine, identifying())).report
    balance = report.figures.balance.model_copy(update={"awaiting": 5, "too_early": 2})
    figures = report.figures.model_copy(update={"balance": balance})
    published = report.model_copy(update={"year": 2025, "name": "2025/26", "figures": figures}).model_dump_json()
    last_year = read_last_year(published, FOS, YEAR)
    compared = (await build_report(engine, FOS, YEAR, OVER, last_year=last_year)).report
    assert compared.last_year_mismatch == "The report of 2025/26 says that 5 awaited an opinion; the record has 0."
    files = render_files(compared)
    assert "figures.balance.too_early" not in files["annual-2026.csv"].decode()
    assert "balance.too_early,0,2" in files["annual-2026.csv"].decode()
    page = files["annual-2026.html"].decode()
    assert compared.last_year_mismatch in page
    assert '<th scope="col">2025/26</th>' in page
    again = AnnualReport.model_validate_json(json.dumps(json.loads(files["annual-2026.json"])))
    assert again == compared
    for wrong in ("{}", "no JSON", report.model_dump_json()):
        with pytest.raises(LastYearError):
            read_last_year(wrong, FOS, YEAR)
