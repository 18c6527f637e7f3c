"""The annual report counts every complaint once, in the Assessor's voice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import (
    AcceptReview,
    AnswerRecommendation,
    AskManager,
    CarryOut,
    Classify,
    Correct,
    Escalate,
    Reply,
    Settle,
    Withdraw,
)
from complaints.reports.annual import AnnualReport, build_report
from complaints.reports.annual_document import build_document
from complaints.reports.complaint_figures import ComplaintBalance, UnbalancedError
from complaints.reports.document import Document, Table
from complaints.reports.number_format import NONE
from complaints.reports.period import Year
from tests.reports.sample_complaints import FOS, SampleComplaint, put_on_record

YEAR = Year.of(FOS, 2026)
SPRING = date(2026, 5, 4)
OVER, RUNNING = datetime(2027, 4, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)


async def report_on(
    engine: AsyncEngine, *lived: SampleComplaint, now: datetime = OVER, year: int = 2026
) -> AnnualReport:
    await put_on_record(engine, (each.complaint for each in lived))
    return (await build_report(engine, FOS, Year.of(FOS, year), now)).report


def tables_of(document: Document) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        part.caption: {row[0]: row[1:] for row in part.rows}
        for section in document.sections
        for part in section.parts
        if isinstance(part, Table)
    }


def texts_of(report: AnnualReport) -> dict[str, str]:
    """Return all of each section's text and captions."""
    return {section.id: str(section.parts) for section in build_document(report).sections}


def reply(sample: SampleComplaint, day: float, outcome: str = "upheld", **said: Any) -> SampleComplaint:
    return sample.act(Reply, day, outcome=outcome, findings="So.", **said)


async def test_every_complaint_is_brought_forward_or_received_and_closed_or_open(engine: AsyncEngine) -> None:
    settled = (
        SampleComplaint("settled", SPRING, told_case_handler_on=None).act(Settle, 2, explanation="We rang.").until(60)
    )
    asked = SampleComplaint("asked", SPRING, told_case_handler_on=None).act(AskManager, 2, by="intake")
    silent = SampleComplaint("silent", SPRING, told_case_handler_on=None)
    given_up = SampleComplaint("given-up", SPRING, told_case_handler_on=None).act(Withdraw, 2, by="intake")
    outcome = SampleComplaint("outcome", SPRING, aspects=["outcome"])
    before = SampleComplaint("before", date(2026, 3, 20)).act(Withdraw, 30, by="intake")
    long_ago = SampleComplaint("long-ago", date(2025, 3, 20)).act(Withdraw, 3, by="intake")
    report = await report_on(engine, settled, asked, silent, given_up, outcome, before, long_ago)
    balance, first = report.figures.complaints, report.figures.first_step
    assert (balance.brought_forward, balance.received, balance.closed_together, balance.open) == (1, 5, 4, 2)
    assert balance.closed == {"settled": 1, "withdrawn": 2, "signposted": 1}
    assert sum(balance.open_at.values()) == balance.open
    assert balance.open_at["case_handler"] == 1
    assert balance.received == report.figures.received.received
    assert (first.not_taken_up, first.at_first_tier, first.with_case_handler) == (1, 0, 4)
    assert (first.passed_on, first.settled, first.closed_otherwise, first.still_there) == (1, 1, 1, 1)
    tables = tables_of(build_document(report))
    assert tables["All complaints"]["Together"][0] == "6"
    assert tables["All complaints"]["with: Case handler"][0] == "1"
    assert tables["Where complaints began"]["passed on, as a share"][0] == "25.0%"


def test_a_balance_of_all_complaints_that_does_not_add_up_is_an_error() -> None:
    figures = ComplaintBalance(
        brought_forward=1, received=2, closed={"withdrawn": 1}, open=1, open_at={}, received_from={}
    )
    with pytest.raises(UnbalancedError, match=r"^2026/27: .* are 3, but 1 closed and 1 open are 2"):
        figures.check("2026/27")


async def test_who_complained_is_counted_by_capacity(engine: AsyncEngine) -> None:
    capacities = ["customer", "customer", "respondent_business"]
    samples = [
        SampleComplaint(f"from-{number}", SPRING, complainant={"capacity": capacity})
        for number, capacity in enumerate(capacities)
    ]
    received = tables_of(build_document(await report_on(engine, *samples)))["Complaints received"]
    assert [received[f"from {who}"] for who in ("customers", "representatives", "respondent businesses")] == [
        ("2",),
        ("0",),
        ("1",),
    ]


async def test_the_mean_of_a_running_year_is_that_of_the_months_that_have_passed(engine: AsyncEngine) -> None:
    samples = [SampleComplaint(f"s-{number}", SPRING) for number in range(14)]
    running = await report_on(engine, *samples, SampleComplaint("now", date(2026, 11, 20)), now=RUNNING)
    assert running.months_passed == 7
    assert "the mean of the 7 months that have passed is 2.0" in texts_of(running)["received"]
    by_month = tables_of(build_document(running))["Complaints received, by month"]
    assert [by_month[month][0] for month in ("May", "Oct", "Nov", "Dec", "Mar")] == ["14", "0", "1", NONE, NONE]
    first_month = await report_on(engine, now=datetime(2026, 4, 20, tzinfo=UTC))
    assert first_month.months_passed == 0
    assert "mean" not in texts_of(first_month)["received"]
    over = await report_on(engine)
    assert over.months_passed == 12
    assert "the mean of a month is 1.2" in texts_of(over)["received"]


@pytest.mark.parametrize(("drafted_on", "passed"), [("2026-04-30", 0), ("2026-05-01", 1), ("2027-03-31", 11)])
async def test_a_month_has_passed_once_the_next_has_begun(engine: AsyncEngine, drafted_on: str, passed: int) -> None:
    now = datetime.fromisoformat(f"{drafted_on}T12:00Z")
    assert (await report_on(engine, now=now)).months_passed == passed


async def test_outcomes_and_rates_are_reported_for_each_tier(engine: AsyncEngine) -> None:
    compensated = [{"kind": "compensation", "pence": 7_500}]
    partly = reply(SampleComplaint("partly", SPRING), 2, "partly_upheld", remedies=compensated).until(100)
    further = SampleComplaint("further", SPRING).at_the_assessor()
    lapsed = SampleComplaint("lapsed", SPRING).until(60)
    declined = reply(SampleComplaint("declined", SPRING), 2, "not_upheld").until(100)
    tables = tables_of(build_document(await report_on(engine, partly, further, lapsed, declined)))
    manager = tables["Manager: outcomes of replies"]
    rows = (
        "Upheld",
        "Partly upheld",
        "Not upheld",
        "Upheld or partly, as a share of replies",
        "Compensation in replies",
    )
    assert [manager[row][0] for row in rows] == ["1", "1", "1", "66.7%", "£75"]
    assert manager["Taken further by the complainant"][0] == "1"
    assert manager["Passed on because no reply came"][0] == "1"
    assert tables["Customer Complaints team: outcomes of replies"]["Referred to me"][0] == "1"


async def test_a_corrected_reply_counts_as_corrected_and_the_correction_is_counted(engine: AsyncEngine) -> None:
    compensated = [{"kind": "compensation", "pence": 7_500}]
    fixed: dict[str, Any] = {"findings": "So.", "reason": "A slip."}
    upheld = reply(SampleComplaint("upheld", SPRING), 2)
    upheld.act(Correct, 3, outcome="partly_upheld", remedies=compensated, **fixed)
    declined = reply(SampleComplaint("declined", SPRING), 2, remedies=compensated)
    declined.act(Correct, 3, outcome="upheld", **fixed).act(Correct, 4, outcome="not_upheld", **fixed)
    report = await report_on(engine, upheld.until(100), declined.until(100))
    manager = tables_of(build_document(report))["Manager: outcomes of replies"]
    rows = ("Upheld", "Partly upheld", "Not upheld", "With something to put it right", "Compensation in replies")
    assert [manager[row][0] for row in rows] == ["0", "1", "1", "1", "£75"]
    assert manager["Corrections of replies"][0] == "3"
    [group] = [each for each in report.figures.timeliness if each.key == "manager"]
    assert (group.corrections, group.answered, group.answered_in_time) == (3, 2, 2)


async def test_a_remedy_that_a_correction_took_back_was_not_offered_before_an_opinion(engine: AsyncEngine) -> None:
    compensated = [{"kind": "compensation", "pence": 7_500}]
    fixed: dict[str, Any] = {"findings": "So.", "reason": "A slip."}
    for name, outcome, remedies, offered in (
        ("taken-back", "not_upheld", [], 0),
        ("offered", "upheld", compensated, 1),
    ):
        sample = reply(SampleComplaint(name, SPRING), 2, remedies=[] if offered else compensated)
        sample.act(Correct, 3, outcome=outcome, remedies=remedies, **fixed).act(Escalate, 4, by="intake")
        reply(sample, 6, "not_upheld").act(Escalate, 9, by="intake")
        sample.act(AcceptReview, 12).opinion(16, satisfactory=True)
        report = await report_on(engine, sample)
        assert report.figures.opinions.remedied_before == offered


async def test_the_assessors_own_time_counts_from_when_she_could_begin(engine: AsyncEngine) -> None:
    quick = SampleComplaint("quick", SPRING).at_the_assessor().act(AcceptReview, 12).opinion(16, satisfactory=True)
    slow = SampleComplaint("slow", SPRING).at_the_assessor().act(AcceptReview, 12).opinion(100, satisfactory=True)
    own = (await report_on(engine, quick, slow)).figures.own_time
    assert (own.within_target, own.after_target) == (1, 1)
    assert own.median_working_days == 5  # Wednesday 13 May to Wednesday 20 May 2026
    assert own.ninetieth_working_days
    assert own.ninetieth_working_days > 30


async def test_the_report_says_what_became_of_last_years_recommendations(engine: AsyncEngine) -> None:
    sample = SampleComplaint("advised", SPRING).at_the_assessor().act(AcceptReview, 12).opinion(30, 5_000, 7_500, 100)
    sample.act(AnswerRecommendation, 31, by="lead", recommendation=1, accepted=True)
    sample.act(AnswerRecommendation, 31, by="lead", recommendation=2, accepted=False, reason="No.")
    sample.act(CarryOut, 33, by="lead", undertaking=1)
    report = await report_on(engine, sample, year=2027, now=datetime(2028, 4, 1, tzinfo=UTC))
    text = texts_of(report)["last-year"]
    assert "Last year I made 3 recommendations. By now: 1 accepted, and carried out; 1 declined; 1 awaited." in text
    assert report.findings == []
    assert "I recommended nothing last year." in texts_of(await report_on(engine))["last-year"]


async def test_a_review_that_was_taken_up_again_counts_by_how_it_ended_at_last(engine: AsyncEngine) -> None:
    moved = SampleComplaint("moved", SPRING).at_the_assessor()
    moved.act(Classify, 12, by="lee", concern=1, aspect="outcome", reason="It is.")
    moved.act(Classify, 400, by="lee", concern=1, aspect="delay", reason="It is not.")
    report = await report_on(engine, moved)
    assert (report.figures.balance.not_about_service, report.figures.balance.awaiting) == (0, 1)
    assert (report.figures.complaints.closed, report.figures.complaints.open) == ({}, 1)


async def test_the_report_speaks_as_the_assessor(engine: AsyncEngine) -> None:
    sample = SampleComplaint("heard", SPRING).at_the_assessor().act(AcceptReview, 12).opinion(30, 5_000)
    texts = texts_of(await report_on(engine, sample))
    assert "1 complaint was referred to me" in texts["reviews"]
    assert "I investigated 1" in texts["reviews"]
    assert "I found the service unsatisfactory" in texts["findings"]
    assert "the Independent Assessor" not in " ".join(texts.values())
    assert "our service" not in " ".join(texts.values())
