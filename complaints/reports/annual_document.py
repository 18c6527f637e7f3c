"""Lay out the annual report as a document, with the Assessor's text in its sections."""

from complaints.formatting.plural import plural
from complaints.reports import complaint_sections, review_sections, service_sections
from complaints.reports.annual import AnnualReport
from complaints.reports.document import Document, Section, Text, parse_text
from complaints.reports.number_format import format_date
from complaints.reports.year_comparison import YearComparison

COUNTING_RULES = """\
A complaint counts in the year in which it was received; at each tier, in the year in which that tier received it.
In time means before the end of the last day that was promised: by the first date, or by the date as extended.
Shares in time are of those answered and of those whose date passed without an answer. A complaint that was withdrawn, \
resolved or taken further before that is in neither.
Working days are Monday to Friday without bank holidays; the day of receipt is day 0.
A complaint is referred when I am asked to review it. One that came too early, or was refused as out of time, is \
counted once in a year. It is investigated when I give my opinion.
My own time counts from the day on which I could begin: the case had closed, and a review was asked for.
A complaint that was closed and opened again counts by how it ended at last.
Withdrawn counts also what was resolved before an opinion. Not about service counts also what was found to be so after \
it had been referred.
Of several sums in one opinion, compensation is their total.
What was opened in error is no complaint, and counts in no other figure."""


def build_document(report: AnnualReport) -> Document:
    years = YearComparison(report)
    sections = [
        _summary(report),
        service_sections.received(years),
        complaint_sections.all_complaints(years),
        complaint_sections.first_step(years),
        service_sections.timeliness(years),
        complaint_sections.outcomes(years),
        review_sections.reviews(years),
        review_sections.findings(years),
        review_sections.own_time(years),
        review_sections.compensation(years),
        review_sections.themes(years),
        review_sections.one_by_one(years),
        review_sections.last_year(years),
        Section("closing", "In closing", ()),
        Section("counted", "How the figures are counted", (Text("list", tuple(COUNTING_RULES.splitlines())),)),
    ]
    if foreword := report.words.get("foreword"):
        sections.insert(0, Section("foreword", "Foreword", parse_text(foreword)))
    sections_with_text = (_add_assessor_text(section, report.words.get(section.id)) for section in sections)
    period = f"{format_date(report.first)} to {format_date(report.last)}"
    mark = None
    if report.is_running:
        mark = f"This year is still running: it ends on {format_date(report.last)}. The figures are those up to now."
    return Document(
        title=f"Annual report {report.name}",
        subtitle=f"The {report.reviewer}'s report to the Board, {period}",
        body=report.body,
        mark=mark,
        dated=f"Drafted on {format_date(report.drafted_on)}.",
        sections=tuple(section for section in sections_with_text if section.parts),
    )


def _summary(report: AnnualReport) -> Section:
    figures = report.figures
    balance, opinions = figures.balance, figures.opinions
    replies = [each for each in figures.timeliness if each.key != list(report.tiers)[-1]]
    answered = sum(each.answered for each in replies)
    in_time = sum(each.answered_in_time_at_first for each in replies)
    unsatisfactory = f"I found the service unsatisfactory in {plural(opinions.unsatisfactory, 'opinion')}"
    referred = f"{plural(balance.referred, 'complaint')} referred to me"
    lines = (
        f"{plural(figures.received.received, 'complaint')} received",
        f"{in_time:,} of {plural(answered, 'answer')} in time by the first date",
        f"{referred}; I investigated {balance.investigated:,}",
        f"{unsatisfactory}; I made recommendations in {opinions.with_recommendations:,}",
    )
    return Section("at-a-glance", "At a glance", (Text("list", lines),))


def _add_assessor_text(section: Section, text: str | None) -> Section:
    if not text or section.id == "foreword":
        return section
    return Section(section.id, section.title, (*parse_text(text), *section.parts))
