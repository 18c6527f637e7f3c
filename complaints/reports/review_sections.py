"""Lay out the annual report's sections on reviews: referrals, opinions and recommendations."""

from collections.abc import Callable
from functools import partial

from complaints.formatting.plural import plural
from complaints.reports import charts
from complaints.reports.annual import Finding, ReportedRecommendation
from complaints.reports.document import Chart, Section, Table, paragraph
from complaints.reports.figures import Compensation, Figures, Opinions
from complaints.reports.number_format import (
    ASPECTS,
    NONE,
    REMEDIES,
    band_names,
    format_money,
    format_number,
    format_per_cent,
)
from complaints.reports.timeliness import share
from complaints.reports.year_comparison import YearComparison

NOT_INVESTIGATED = (
    ("Came too early", "too_early"),
    ("Out of time", "out_of_time"),
    ("Not about service", "not_about_service"),
    ("Already considered", "already_considered"),
    ("Enquiry only", "enquiry_only"),
    ("Withdrawn or resolved", "withdrawn"),
)


def reviews(years: YearComparison) -> Section:
    totals, reviewer = years.report.figures.balance, f"the {years.report.reviewer}"

    def row(field: str) -> Callable[[Figures], str]:
        return lambda figures: format_number(getattr(figures.balance, field))

    at_end = "Awaiting now" if years.report.is_running else "Awaiting at the year's end"
    rows = [
        ("Brought forward", row("brought_forward")),
        ("Referred in the year", row("referred")),
        ("Together", lambda figures: format_number(figures.balance.brought_forward + figures.balance.referred)),
        *((f"Not investigated: {title.lower()}", row(field)) for title, field in NOT_INVESTIGATED),
        ("Not investigated, together", row("not_investigated")),
        ("Investigated", row("investigated")),
        (at_end, row("awaiting")),
    ]
    text = paragraph(
        f"{plural(totals.referred, 'complaint was', 'complaints were')} referred to {reviewer}, "
        f"and {totals.brought_forward:,} brought forward. {totals.investigated:,} were investigated, "
        f"{totals.not_investigated:,} were not, "
        f"and {totals.awaiting:,} {'awaits' if totals.awaiting == 1 else 'await'} an opinion."
    )
    notes = (paragraph(years.report.last_year_mismatch),) if years.report.last_year_mismatch else ()
    titles = [*(title for title, _ in NOT_INVESTIGATED), "Investigated", "Awaiting"]

    def values(figures: Figures) -> list[int]:
        balance = figures.balance
        return [*(getattr(balance, field) for _, field in NOT_INVESTIGATED), balance.investigated, balance.awaiting]

    chart = Chart(
        f"Of {plural(totals.brought_forward + totals.referred, 'complaint')}, "
        f"{totals.investigated:,} were investigated; "
        f"{totals.too_early:,} came before the last reply, which is too early.",
        charts.bars("reviews", "What became of the complaints referred", titles, years.series(values)),
    )
    table = years.table(f"Complaints referred to {reviewer}", rows)
    return Section("reviews", f"Referred to {reviewer}", (text, *notes, table, chart))


def findings(years: YearComparison) -> Section:
    totals = years.report.figures.opinions

    def row(format_value: Callable[[Opinions], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.opinions)

    table = years.table(
        "Opinions",
        [
            ("Service was satisfactory", row(lambda o: format_number(o.satisfactory))),
            ("Service was unsatisfactory", row(lambda o: format_number(o.unsatisfactory))),
            ("of these with recommendations", row(lambda o: format_number(o.with_recommendations))),
            ("Opinions, together", row(lambda o: format_number(o.number))),
            ("A remedy had been offered before", row(lambda o: format_number(o.remedied_before))),
            ("as a share of all opinions", row(lambda o: format_per_cent(o.remedied_before_share))),
            ("where the service was unsatisfactory", row(lambda o: format_number(o.unsatisfactory_remedied_before))),
        ],
    )
    kinds = ["Satisfactory", "Unsatisfactory, without recommendations", "Unsatisfactory, with recommendations"]

    def values(figures: Figures) -> list[int]:
        opinions = figures.opinions
        without = opinions.unsatisfactory - opinions.with_recommendations
        return [opinions.satisfactory, without, opinions.with_recommendations]

    chart = Chart(
        f"Of {plural(totals.number, 'opinion')}, {totals.unsatisfactory:,} found the service unsatisfactory "
        f"({format_per_cent(share(totals.unsatisfactory, totals.number))}); "
        f"{totals.with_recommendations:,} of them recommend something.",
        charts.bars("findings", "What the opinions found", kinds, years.series(values)),
    )
    return Section("findings", "What was found", (table, chart))


def compensation(years: YearComparison) -> Section:
    totals = years.report.figures.opinions.compensation

    def row(format_value: Callable[[Compensation], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.opinions.compensation)

    edges = [(band.above, band.most) for band in totals.bands]
    names = band_names(edges)
    table = years.table(
        "Compensation recommended, by its amount",
        [
            *((name, row(partial(_band_number, edge))) for edge, name in zip(edges, names, strict=True)),
            ("Opinions with compensation", row(lambda c: format_number(c.number))),
            ("The least", row(lambda c: format_money(c.least_pence))),
            ("The most", row(lambda c: format_money(c.most_pence))),
            ("In all", row(lambda c: format_money(c.total_pence))),
        ],
    )
    spread = f", from {format_money(totals.least_pence)} to {format_money(totals.most_pence)}" if totals.number else ""
    chart = Chart(
        f"{plural(totals.number, 'opinion recommends', 'opinions recommend')} compensation{spread}.",
        charts.bars(
            "compensation",
            "Compensation recommended, by its amount",
            names,
            years.series(lambda figures: [band.number for band in figures.opinions.compensation.bands]),
        ),
    )
    return Section("compensation", "Compensation recommended", (chart, table))


def themes(years: YearComparison) -> Section:
    totals = years.report.figures.themes
    rows = tuple(
        (ASPECTS[each.aspect], format_number(each.opinions), format_number(each.unsatisfactory))
        for each in totals.themes
    )
    most = max(totals.themes, key=lambda each: each.opinions)
    chart = Chart(
        f"{ASPECTS[most.aspect]} came up most often: in {plural(most.opinions, 'opinion')}."
        if most.opinions
        else "No opinion was given, so no theme came up.",
        charts.bars(
            "themes",
            "What complaints with an opinion were about",
            [ASPECTS[each.aspect] for each in totals.themes],
            [
                ("opinions", [each.opinions for each in totals.themes]),
                ("of these unsatisfactory", [each.unsatisfactory for each in totals.themes]),
            ],
        ),
    )
    caption = f"Themes (list of themes, version {totals.taxonomy}; a complaint may have several)"
    return Section("themes", "Themes", (chart, Table(caption, ("Theme", "Opinions", "Unsatisfactory"), rows)))


def one_by_one(years: YearComparison) -> Section:
    """List each unsatisfactory opinion, with its recommendations below it."""
    findings = years.report.findings
    intro = paragraph("Each finding that the service was unsatisfactory. Nothing here says who complained.")
    rows = tuple(row for finding in findings for row in _finding_rows(finding))
    head = ("Finding", "Themes", "Recommendation", "The service's answer")
    table = Table("Findings and recommendations", head, rows, numeric=False)
    none = paragraph("No opinion found the service unsatisfactory.")
    return Section("one-by-one", "Findings and recommendations, one by one", (intro, table) if rows else (none,))


def _finding_rows(finding: Finding) -> list[tuple[str, ...]]:
    themes = ", ".join(ASPECTS[each] for each in finding.themes)
    first = f"{themes}. {finding.words}" if finding.words else themes
    if not finding.recommendations:
        return [(str(finding.number), first, "None", NONE)]
    return [
        (
            f"{finding.number}.{n}" if n > 1 else str(finding.number),
            first if n == 1 else "",
            _recommendation_text(each),
            _answer_text(each),
        )
        for n, each in enumerate(finding.recommendations, start=1)
    ]


def _recommendation_text(recommendation: ReportedRecommendation) -> str:
    what = REMEDIES[recommendation.kind] + (f" of {format_money(recommendation.pence)}" if recommendation.pence else "")
    return f"{what}: {recommendation.words}" if recommendation.words else what


def _answer_text(recommendation: ReportedRecommendation) -> str:
    if recommendation.accepted is None:
        return "Awaited"
    if not recommendation.accepted:
        return "Declined"
    if recommendation.carried_out:
        return "Accepted, and carried out" + (" late" if recommendation.lapsed else "")
    return "Accepted, and overdue" if recommendation.lapsed else "Accepted, to be carried out"


def _band_number(edges: tuple[int | None, int | None], compensation: Compensation) -> str:
    """Format a band's number; a dash where that year's policy had other bands."""
    return format_number(next((band.number for band in compensation.bands if (band.above, band.most) == edges), None))
