"""The product reproduces the Independent Assessor's published report for 2009/10."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import AcceptReview, DeclineReview, Escalate, Withdraw
from complaints.procedure.enums import Code, Ground
from complaints.reports.annual import build_report
from complaints.reports.annual_document import build_document
from complaints.reports.document import Table
from complaints.reports.period import Year
from tests.reports.sample_complaints import FOS, SampleComplaint, put_on_record

POUNDS = [*[50, 100, 250] * 8, *[251, 300, 400, 500] * 7, 500, *[501, 750, 1_000] * 2, 1_500]
"""24 of 50 to 250, 29 of 250 to 500, 6 of 500 to 1,000, 1 above."""
LATER = datetime(2010, 4, 20, tzinfo=UTC)


def days_of_the_year() -> Iterator[date]:
    """Yield days of receipt that leave time for an opinion within the year."""
    return (date(2009, 4, 1) + timedelta(days=7 * number % 280) for number in count())


def the_year() -> Iterator[SampleComplaint]:
    days = days_of_the_year()
    names = (f"IA-{number}" for number in count(1))

    def new() -> SampleComplaint:
        return SampleComplaint(next(names), next(days))

    for _ in range(45):
        too_early = new().act(Escalate, 1, Code.TOO_EARLY, to="independent_assessor", by="intake")
        yield too_early.act(Withdraw, 2, by="intake")
    for ground, number in ((Ground.ENQUIRY_ONLY, 25), (Ground.NOT_ABOUT_SERVICE, 17)):
        for _ in range(number):
            yield new().at_the_assessor().act(DeclineReview, 11, ground=ground, explanation="It was so.")
    for _ in range(2):
        yield new().at_the_assessor().act(Withdraw, 12, by="intake")
    for number in range(98):
        brought_forward = number < 6
        begun = SampleComplaint(next(names), date(2009, 3, 20)) if brought_forward else new()
        yield begun.at_the_assessor().act(AcceptReview, 14).opinion(40, satisfactory=True)
    for pounds in POUNDS:
        yield new().at_the_assessor().act(AcceptReview, 14).opinion(40, 100 * pounds)
    for _ in range(7):
        yield new().at_the_assessor().act(AcceptReview, 14).opinion(40)
    for _ in range(4):
        yield SampleComplaint(next(names), date(2010, 3, 15)).at_the_assessor()


@pytest.mark.timeout(240)
async def test_the_figures_of_2009_10_are_reproduced(engine: AsyncEngine) -> None:
    await put_on_record(engine, (lived.complaint for lived in the_year()))
    gathered = await build_report(engine, FOS, Year.of(FOS, 2009), LATER)
    report = gathered.report
    assert (report.name, report.is_running) == ("2009/10", False)
    balance = report.figures.balance
    assert (balance.too_early, balance.enquiry_only, balance.not_about_service, balance.withdrawn) == (45, 25, 17, 2)
    assert (balance.out_of_time, balance.already_considered, balance.not_investigated) == (0, 0, 89)
    assert balance.investigated == 165
    assert (balance.brought_forward, balance.referred, balance.awaiting) == (6, 252, 4)
    assert balance.brought_forward + balance.referred == 89 + 165 + balance.awaiting
    opinions = report.figures.opinions
    assert (opinions.satisfactory, opinions.unsatisfactory, opinions.with_recommendations) == (98, 67, 60)
    compensation = opinions.compensation
    assert [band.number for band in compensation.bands] == [0, 24, 29, 6, 1]
    assert (compensation.number, compensation.least_pence, compensation.most_pence) == (60, 5_000, 150_000)

    tables = {
        part.caption: {row[0]: row[1] for row in part.rows}
        for section in build_document(report).sections
        for part in section.parts
        if isinstance(part, Table)
    }
    said = tables["Complaints referred to me"]
    assert said["Not investigated: came too early"] == "45"
    assert said["Not investigated, together"] == "89"
    assert said["Investigated"] == "165"
    bands = tables["Compensation recommended, by its amount"]
    assert bands["£50 to £250"] == "24"
    assert bands["The most"] == "£1,500"
    assert len(tables["Findings and recommendations"]) == 67

    before = (await build_report(engine, FOS, Year.of(FOS, 2008), LATER)).report.figures.balance
    after = (await build_report(engine, FOS, Year.of(FOS, 2010), LATER)).report
    assert before.awaiting == balance.brought_forward
    assert after.figures.balance.brought_forward == balance.awaiting
    assert after.last_year
    assert after.last_year.figures.balance == balance
    assert after.last_year_mismatch is None
