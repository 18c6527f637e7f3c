"""Lay out the annual report's sections on all complaints: balance, first step, outcomes."""

from collections.abc import Callable, Sequence

from complaints.formatting.plural import plural
from complaints.procedure.enums import ClosingReason
from complaints.reports.complaint_figures import FirstStep
from complaints.reports.document import Part, Section, Table, paragraph
from complaints.reports.figures import Figures
from complaints.reports.number_format import NONE, format_money, format_number, format_per_cent
from complaints.reports.timeliness import TimelinessGroup, share
from complaints.reports.year_comparison import YearComparison

ENDINGS = {
    ClosingReason.SETTLED: "settled by the case handler",
    ClosingReason.RESOLVED: "resolved, as the complainant says",
    ClosingReason.NOT_TAKEN_FURTHER: "not taken further after a reply",
    ClosingReason.WITHDRAWN: "withdrawn",
    ClosingReason.FINAL_REPLY: "with the last reply",
    ClosingReason.OPINION_GIVEN: "with my opinion",
    ClosingReason.REVIEW_DECLINED: "because I declined the review",
    ClosingReason.SIGNPOSTED: "not about service, and signposted",
    ClosingReason.OUT_OF_TIME: "out of time",
}
"""How a complaint ended. What was opened in error is no complaint."""


def all_complaints(years: YearComparison) -> Section:
    """Lay out the balance: brought forward + received = closed + open."""
    totals = years.report.figures.complaints
    steps = {"": "not taken up yet", **_steps(years)}
    at_end = "Open now" if years.report.is_running else "Open at the year's end"

    def closed(reason: ClosingReason) -> Callable[[Figures], str]:
        return lambda figures: format_number(figures.complaints.closed.get(reason, 0))

    def open_at(step: str) -> Callable[[Figures], str]:
        return lambda figures: format_number(figures.complaints.open_at.get(step, 0))

    occurring = [step for step in steps if step or any("" in figures.complaints.open_at for figures in years.figures)]
    rows = [
        ("Brought forward", lambda figures: format_number(figures.complaints.brought_forward)),
        ("Received in the year", lambda figures: format_number(figures.complaints.received)),
        (
            "Together",
            lambda figures: format_number(figures.complaints.brought_forward + figures.complaints.received),
        ),
        ("Closed in the year", lambda figures: format_number(figures.complaints.closed_together)),
        *((ending, closed(reason)) for reason, ending in ENDINGS.items()),
        (at_end, lambda figures: format_number(figures.complaints.open)),
        *((f"with: {steps[step]}", open_at(step)) for step in occurring),
    ]
    together = totals.brought_forward + totals.received
    text = paragraph(
        f"Of {plural(together, 'complaint')} at every step of the procedure, {totals.closed_together:,} closed in the "
        f"year and {totals.open:,} {'is' if totals.open == 1 else 'are'} open."
    )
    return Section("all-complaints", "All complaints", (text, years.table("All complaints", rows)))


def first_step(years: YearComparison) -> Section:
    """Lay out where complaints began, and what became of them with the case handler."""
    step, first_tier = years.report.case_handler, next(iter(years.report.tiers.values()))
    totals = years.report.figures.first_step

    def row(format_value: Callable[[FirstStep], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.first_step)

    rows = [
        ("Not taken up: not about service, or out of time", row(lambda s: format_number(s.not_taken_up))),
        (f"Began with: {first_tier}", row(lambda s: format_number(s.at_first_tier))),
    ]
    parts: list[Part] = []
    if step:
        rows += [
            (f"Began with: {step}", row(lambda s: format_number(s.with_case_handler))),
            ("of these passed on to a manager", row(lambda s: format_number(s.passed_on))),
            ("of these settled", row(lambda s: format_number(s.settled))),
            ("of these closed otherwise", row(lambda s: format_number(s.closed_otherwise))),
            ("of these still there", row(lambda s: format_number(s.still_there))),
            ("passed on, as a share", row(lambda s: format_per_cent(share(s.passed_on, s.with_case_handler)))),
        ]
        parts.append(
            paragraph(
                f"{plural(totals.with_case_handler, 'complaint')} began with the case handler, who settled "
                f"{totals.settled:,}; {totals.passed_on:,} went on to a manager."
            )
        )
    rows.append(("Received in the year", lambda figures: format_number(figures.complaints.received)))
    return Section("first-step", "Where complaints began", (*parts, years.table("Where complaints began", rows)))


def outcomes(years: YearComparison) -> Section:
    """Lay out the outcomes of replies by tier, and how many complaints went further."""
    report = years.report
    reviewing = list(report.tiers)[-1]
    tables: list[Part] = []
    for tier, title in report.tiers.items():
        groups = [next((t for t in figures.timeliness if t.key == tier), None) for figures in years.figures]
        if tier != reviewing and any(groups):
            tables.append(_outcome_table(years, title, groups, is_before_review=list(report.tiers)[-2] == tier))
    if not tables:
        return Section("outcomes", "Outcomes of replies", (paragraph("No complaint reached a tier that replies."),))
    received, referred = report.figures.received.received, report.figures.balance.referred
    rate = f", {100 * referred / received:,.1f} for every hundred received" if received else ""
    text = paragraph(f"{plural(referred, 'complaint was', 'complaints were')} referred to me{rate}.")
    return Section("outcomes", "Outcomes of replies", (text, *tables))


def _outcome_table(
    years: YearComparison, title: str, groups: Sequence[TimelinessGroup | None], *, is_before_review: bool
) -> Table:
    further = "Referred to me" if is_before_review else "Taken further by the complainant"
    rows: list[tuple[str, Callable[[TimelinessGroup], str]]] = [
        ("Upheld", lambda t: format_number(t.upheld)),
        ("Partly upheld", lambda t: format_number(t.partly_upheld)),
        ("Not upheld", lambda t: format_number(t.not_upheld)),
        ("Upheld or partly, as a share of replies", _upheld_share),
        ("With something to put it right", lambda t: format_number(t.with_remedy)),
        ("Compensation in replies", lambda t: format_money(t.compensation_pence)),
        ("Corrections of replies", lambda t: format_number(t.corrections)),
        (further, lambda t: format_number(t.escalated)),
        ("as a share of those received", lambda t: format_per_cent(share(t.escalated, t.received))),
        ("Passed on because no reply came", lambda t: format_number(t.passed_on)),
        ("as a share of those received", lambda t: format_per_cent(share(t.passed_on, t.received))),
    ]
    cells = tuple((name, *(format_value(each) if each else NONE for each in groups)) for name, format_value in rows)
    return Table(f"{title}: outcomes of replies", ("", *years.names), cells)


def _upheld_share(group: TimelinessGroup) -> str:
    upheld = group.upheld + group.partly_upheld
    return format_per_cent(share(upheld, upheld + group.not_upheld))


def _steps(years: YearComparison) -> dict[str, str]:
    """Return the titles of every tier, and of each step that has open complaints."""
    ids = dict.fromkeys(step for figures in years.figures for step in figures.complaints.open_at if step)
    first = {step: years.report.case_handler or step for step in ids if step not in years.report.tiers}
    return first | years.report.tiers
