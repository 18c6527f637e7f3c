"""Of the annual report: what was referred to the Independent Assessor, and what she found and recommends."""

from collections.abc import Callable
from functools import partial

from complaints.formatting.plural import plural
from complaints.reports import charts
from complaints.reports.annual import Finding, ReportedRecommendation
from complaints.reports.document import Chart, Section, Table, paragraph
from complaints.reports.figures import Compensation, Figures, Opinions
from complaints.reports.number_format import ASPECTS, NONE, REMEDIES, bands, money, number, per_cent
from complaints.reports.timeliness import share
from complaints.reports.year_comparison import Years

NOT_INVESTIGATED = (
    ("Came too early", "too_early"),
    ("Out of time", "out_of_time"),
    ("Not about service", "not_about_service"),
    ("Already considered", "already_considered"),
    ("Enquiry only", "enquiry_only"),
    ("Withdrawn or resolved", "withdrawn"),
)


def reviews(years: Years) -> Section:
    of, who = years.report.figures.balance, f"the {years.report.reviewer}"

    def row(field: str) -> Callable[[Figures], str]:
        return lambda figures: number(getattr(figures.balance, field))

    at_end = "Awaiting now" if years.report.is_running else "Awaiting at the year's end"
    rows = [
        ("Brought forward", row("brought_forward")),
        ("Referred in the year", row("referred")),
        ("Together", lambda figures: number(figures.balance.brought_forward + figures.balance.referred)),
        *((f"Not investigated: {title.lower()}", row(field)) for title, field in NOT_INVESTIGATED),
        ("Not investigated, together", row("not_investigated")),
        ("Investigated", row("investigated")),
        (at_end, row("awaiting")),
    ]
    text = paragraph(
        f"{plural(of.referred, 'complaint was', 'complaints were')} referred to {who}, and {of.brought_forward:,} "
        f"brought forward. {of.investigated:,} were investigated, {of.not_investigated:,} were not, "
        f"and {of.awaiting:,} {'awaits' if of.awaiting == 1 else 'await'} an opinion."
    )
    notes = (paragraph(years.report.gap),) if years.report.gap else ()
    titles = [*(title for title, _ in NOT_INVESTIGATED), "Investigated", "Awaiting"]

    def fates(figures: Figures) -> list[int]:
        balance = figures.balance
        return [*(getattr(balance, field) for _, field in NOT_INVESTIGATED), balance.investigated, balance.awaiting]

    chart = Chart(
        f"Of {plural(of.brought_forward + of.referred, 'complaint')}, {of.investigated:,} were investigated; "
        f"{of.too_early:,} came before the last reply, which is too early.",
        charts.bars("reviews", "What became of the complaints referred", titles, years.series(fates)),
    )
    table = years.table(f"Complaints referred to {who}", rows)
    return Section("reviews", f"Referred to {who}", (text, *notes, table, chart))


def findings(years: Years) -> Section:
    of = years.report.figures.opinions

    def row(say: Callable[[Opinions], str]) -> Callable[[Figures], str]:
        return lambda figures: say(figures.opinions)

    table = years.table(
        "Opinions",
        [
            ("Service was satisfactory", row(lambda o: number(o.satisfactory))),
            ("Service was unsatisfactory", row(lambda o: number(o.unsatisfactory))),
            ("of these with recommendations", row(lambda o: number(o.with_recommendations))),
            ("Opinions, together", row(lambda o: number(o.number))),
            ("A remedy had been offered before", row(lambda o: number(o.remedied_before))),
            ("as a share of all opinions", row(lambda o: per_cent(o.remedied_before_share))),
            ("where the service was unsatisfactory", row(lambda o: number(o.unsatisfactory_remedied_before))),
        ],
    )
    kinds = ["Satisfactory", "Unsatisfactory, without recommendations", "Unsatisfactory, with recommendations"]

    def found(figures: Figures) -> list[int]:
        o = figures.opinions
        return [o.satisfactory, o.unsatisfactory - o.with_recommendations, o.with_recommendations]

    chart = Chart(
        f"Of {plural(of.number, 'opinion')}, {of.unsatisfactory:,} found the service unsatisfactory "
        f"({per_cent(share(of.unsatisfactory, of.number))}); {of.with_recommendations:,} of them recommend something.",
        charts.bars("findings", "What the opinions found", kinds, years.series(found)),
    )
    return Section("findings", "What was found", (table, chart))


def compensation(years: Years) -> Section:
    of = years.report.figures.opinions.compensation

    def row(say: Callable[[Compensation], str]) -> Callable[[Figures], str]:
        return lambda figures: say(figures.opinions.compensation)

    edges = [(band.above, band.most) for band in of.bands]
    names = bands(edges)
    table = years.table(
        "Compensation recommended, by its amount",
        [
            *((name, row(partial(_in_band, edge))) for edge, name in zip(edges, names, strict=True)),
            ("Opinions with compensation", row(lambda c: number(c.number))),
            ("The least", row(lambda c: money(c.least_pence))),
            ("The most", row(lambda c: money(c.most_pence))),
            ("In all", row(lambda c: money(c.total_pence))),
        ],
    )
    spread = f", from {money(of.least_pence)} to {money(of.most_pence)}" if of.number else ""
    chart = Chart(
        f"{plural(of.number, 'opinion recommends', 'opinions recommend')} compensation{spread}.",
        charts.bars(
            "compensation",
            "Compensation recommended, by its amount",
            names,
            years.series(lambda figures: [band.number for band in figures.opinions.compensation.bands]),
        ),
    )
    return Section("compensation", "Compensation recommended", (chart, table))


def themes(years: Years) -> Section:
    of = years.report.figures.themes
    rows = tuple((ASPECTS[each.aspect], number(each.opinions), number(each.unsatisfactory)) for each in of.themes)
    most = max(of.themes, key=lambda each: each.opinions)
    chart = Chart(
        f"{ASPECTS[most.aspect]} came up most often: in {plural(most.opinions, 'opinion')}."
        if most.opinions
        else "No opinion was given, so no theme came up.",
        charts.bars(
            "themes",
            "What complaints with an opinion were about",
            [ASPECTS[each.aspect] for each in of.themes],
            [
                ("opinions", [each.opinions for each in of.themes]),
                ("of these unsatisfactory", [each.unsatisfactory for each in of.themes]),
            ],
        ),
    )
    caption = f"Themes (list of themes, version {of.taxonomy}; a complaint may have several)"
    return Section("themes", "Themes", (chart, Table(caption, ("Theme", "Opinions", "Unsatisfactory"), rows)))


def one_by_one(years: Years) -> Section:
    """Each unsatisfactory finding; its recommendations below it."""
    found = years.report.findings
    intro = paragraph("Each finding that the service was unsatisfactory. Nothing here says who complained.")
    rows = tuple(row for finding in found for row in _rows_of(finding))
    head = ("Finding", "Themes", "Recommendation", "The service's answer")
    table = Table("Findings and recommendations", head, rows, numeric=False)
    none = paragraph("No opinion found the service unsatisfactory.")
    return Section("one-by-one", "Findings and recommendations, one by one", (intro, table) if rows else (none,))


def _rows_of(finding: Finding) -> list[tuple[str, ...]]:
    themes = ", ".join(ASPECTS[each] for each in finding.themes)
    first = f"{themes}. {finding.words}" if finding.words else themes
    if not finding.recommendations:
        return [(str(finding.number), first, "None", NONE)]
    return [
        (f"{finding.number}.{n}" if n > 1 else str(finding.number), first if n == 1 else "", _said(each), _answer(each))
        for n, each in enumerate(finding.recommendations, start=1)
    ]


def _said(recommendation: ReportedRecommendation) -> str:
    what = REMEDIES[recommendation.kind] + (f" of {money(recommendation.pence)}" if recommendation.pence else "")
    return f"{what}: {recommendation.words}" if recommendation.words else what


def _answer(recommendation: ReportedRecommendation) -> str:
    if recommendation.accepted is None:
        return "Awaited"
    if not recommendation.accepted:
        return "Declined"
    if recommendation.carried_out:
        return "Accepted, and carried out" + (" late" if recommendation.lapsed else "")
    return "Accepted, and overdue" if recommendation.lapsed else "Accepted, to be carried out"


def _in_band(edges: tuple[int | None, int | None], of: Compensation) -> str:
    """Last year's bands may have been others."""
    return number(next((band.number for band in of.bands if (band.above, band.most) == edges), None))
