"""Lay out the annual report's sections on reviews: referrals, opinions and recommendations."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from complaints.formatting.plural import plural
from complaints.reports.annual import Finding, ReportedRecommendation
from complaints.reports.charts import drawing
from complaints.reports.complaint_figures import OwnTime
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
    totals = years.report.figures.balance

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
        f"{plural(totals.referred, 'complaint was', 'complaints were')} referred to me, "
        f"and {totals.brought_forward:,} brought forward. I investigated {totals.investigated:,}, "
        f"did not investigate {totals.not_investigated:,}, "
        f"and {totals.awaiting:,} {'awaits' if totals.awaiting == 1 else 'await'} my opinion."
    )
    notes = (paragraph(years.report.last_year_mismatch),) if years.report.last_year_mismatch else ()
    titles = [*(title for title, _ in NOT_INVESTIGATED), "Investigated", "Awaiting"]

    def values(figures: Figures) -> list[int]:
        balance = figures.balance
        return [*(getattr(balance, field) for _, field in NOT_INVESTIGATED), balance.investigated, balance.awaiting]

    chart = Chart(
        f"Of {plural(totals.brought_forward + totals.referred, 'complaint')}, "
        f"I investigated {totals.investigated:,}; "
        f"{totals.too_early:,} came before the last reply, which is too early.",
        drawing.bars("reviews", "What became of the complaints referred", titles, years.series(values)),
    )
    table = years.table("Complaints referred to me", rows)
    return Section("reviews", "Referred to me", (text, *notes, table, chart))


def findings(years: YearComparison) -> Section:
    totals = years.report.figures.opinions

    def row(format_value: Callable[[Opinions], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.opinions)

    table = years.table(
        "My opinions",
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
        f"In {totals.unsatisfactory:,} of {plural(totals.number, 'opinion')} I found the service unsatisfactory "
        f"({format_per_cent(share(totals.unsatisfactory, totals.number))}); "
        f"in {totals.with_recommendations:,} of them I recommend something.",
        drawing.bars("findings", "What my opinions found", kinds, years.series(values)),
    )
    return Section("findings", "What I found", (table, chart))


def own_time(years: YearComparison) -> Section:
    """Lay out how long the opinions took; the page promises no date, the policy has a target."""
    totals = years.report.figures.own_time
    given = totals.within_target + totals.after_target

    def row(format_value: Callable[[OwnTime], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.own_time)

    if totals.median_working_days is None:
        text = paragraph("I gave no opinion in the year.")
    else:
        text = paragraph(
            f"Half of my opinions took no more than {plural(totals.median_working_days, 'working day')} from the day "
            f"on which I could begin, nine of ten no more than {totals.ninetieth_working_days}. "
            f"I gave {totals.within_target:,} of {given:,} within my target."
        )
    table = years.table(
        "My own time",
        [
            ("Opinions given", row(lambda t: format_number(t.within_target + t.after_target))),
            ("within my target", row(lambda t: format_number(t.within_target))),
            ("after it", row(lambda t: format_number(t.after_target))),
            (
                "Share within my target",
                row(lambda t: format_per_cent(share(t.within_target, t.within_target + t.after_target))),
            ),
            ("Working days to half of the opinions", row(lambda t: format_number(t.median_working_days))),
            ("Working days to nine of ten", row(lambda t: format_number(t.ninetieth_working_days))),
        ],
    )
    return Section("own-time", "My own time", (text, table))


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
        f"I recommend compensation in {plural(totals.number, 'opinion')}{spread}.",
        drawing.bars(
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
        else "I gave no opinion, so no theme came up.",
        drawing.bars(
            "themes",
            "What the complaints were about on which I gave an opinion",
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
    intro = paragraph("Each finding of mine that the service was unsatisfactory. Nothing here says who complained.")
    none = paragraph("I found the service unsatisfactory in no opinion.")
    parts = (intro, _findings_table("Findings and recommendations", findings)) if findings else (none,)
    return Section("one-by-one", "Findings and recommendations, one by one", parts)


def last_year(years: YearComparison) -> Section:
    """Lay out what has become of the recommendations of the year before."""
    title = "What became of last year's recommendations"
    with_recommendations = [finding for finding in years.report.last_year_findings if finding.recommendations]
    recommendations = [each for finding in with_recommendations for each in finding.recommendations]
    if not recommendations:
        return Section("last-year", title, (paragraph("I recommended nothing last year."),))
    answers = Counter(map(_answer_text, recommendations))
    became = "; ".join(f"{number:,} {answer[0].lower()}{answer[1:]}" for answer, number in answers.items())
    text = paragraph(f"Last year I made {plural(len(recommendations), 'recommendation')}. By now: {became}.")
    return Section("last-year", title, (text, _findings_table("Last year's recommendations", with_recommendations)))


def _findings_table(caption: str, findings: Sequence[Finding]) -> Table:
    head = ("Finding", "Themes", "Recommendation", "The service's answer")
    return Table(caption, head, tuple(row for finding in findings for row in _finding_rows(finding)), numeric=False)


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
