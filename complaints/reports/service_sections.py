"""Of the annual report: how many complaints came, and how timely the service answered them."""

from collections.abc import Callable, Sequence

from complaints.formatting.plural import plural
from complaints.reports import charts
from complaints.reports.document import Chart, Part, Section, Table, paragraph
from complaints.reports.figures import Figures, Received
from complaints.reports.number_format import NONE, decimal, listed, months_from, number, per_cent
from complaints.reports.timeliness import Timely, share
from complaints.reports.year_comparison import Years

Row = tuple[str, Callable[[Timely], str]]


def received(years: Years) -> Section:
    of = years.report.figures.received
    months = months_from(years.report.first, len(of.by_month))

    def row(say: Callable[[Received], str]) -> Callable[[Figures], str]:
        return lambda figures: say(figures.received)

    cases = f", which is {of.per_hundred_cases} for every hundred cases resolved" if of.cases_resolved else ""
    most = max(of.by_month)
    sentence = (
        f"Most complaints, {most:,}, came in {listed(_where(months, of.by_month, most))}; "
        f"the mean of a month is {sum(of.by_month) / len(of.by_month):,.1f}."
        if most
        else "No complaint came in."
    )
    table = years.table(
        "Complaints received",
        [
            ("Received", row(lambda r: number(r.received))),
            ("of these not about service, and signposted", row(lambda r: number(r.signposted))),
            ("of these out of time", row(lambda r: number(r.out_of_time))),
            ("Cases resolved", row(lambda r: number(r.cases_resolved))),
            ("Complaints for every hundred cases", row(lambda r: decimal(r.per_hundred_cases))),
            ("Opened in error, counted nowhere", row(lambda r: number(r.opened_in_error))),
        ],
    )
    series = years.series(lambda figures: figures.received.by_month)
    by_month = Table(
        "Complaints received, by month",
        ("Month", *years.names),
        tuple((month, *map(number, each)) for month, *each in zip(months, *(s for _, s in series), strict=True)),
    )
    chart = Chart(sentence, charts.columns("received", "Complaints received, by month", months, series))
    text = paragraph(f"{plural(of.received, 'complaint')} about our service came in{cases}.")
    return Section("received", "Complaints received", (text, table, chart, by_month))


def timeliness(years: Years) -> Section:
    """Reviews have no published deadline, and stand with the reviews."""
    report = years.report
    replying = [each for each in report.figures.timeliness if each.acknowledged or each.acknowledgement_missed]
    replying = replying or report.figures.timeliness[:-1]
    names = [report.tiers.get(each.key or "", each.key or "") for each in replying]
    parts: list[Part] = [paragraph(_replies(name, each)) for name, each in zip(names, replying, strict=True)]
    if not replying:
        return Section("timeliness", "Replies in time", (paragraph("No complaint reached a tier that replies."),))
    rows: list[Row] = [
        ("Complaints received", lambda t: number(t.received)),
        ("Acknowledged in time", lambda t: per_cent(t.acknowledged_in_time_share)),
        ("Answered", lambda t: number(t.answered)),
        ("in time by the first date", lambda t: number(t.answered_in_time_at_first)),
        ("in time by the date as extended", lambda t: number(t.answered_in_time)),
        ("late", lambda t: number(t.answered - t.answered_in_time)),
        ("Not answered, though the date passed", lambda t: number(t.answer_missed)),
        ("Not answered yet", lambda t: number(t.open)),
        ("Share in time by the first date", lambda t: per_cent(t.answered_in_time_share)),
        ("Share in time by the date as extended", _share_as_extended),
        ("Working days to half of the answers", lambda t: number(t.median_working_days)),
        ("Working days to nine of ten", lambda t: number(t.ninetieth_working_days)),
        ("Extended", lambda t: number(t.extended)),
        ("Passed on without an answer", lambda t: number(t.passed_on)),
        ("Keyed late, though sent in time", lambda t: number(t.keyed_late)),
    ]
    tables = [_of_tier(years, name, each.key, rows) for name, each in zip(names, replying, strict=True)]
    kinds = [
        ("in time by the first date", [each.answered_in_time_at_first for each in replying]),
        ("only as extended", [each.answered_in_time - each.answered_in_time_at_first for each in replying]),
        ("late", [each.answered - each.answered_in_time for each in replying]),
        ("not answered", [each.answer_missed for each in replying]),
    ]
    sentence = "; ".join(
        f"{name}: {per_cent(each.answered_in_time_share)} in time by the first date"
        for name, each in zip(names, replying, strict=True)
    )
    chart = Chart(f"{sentence}.", charts.stacked("timeliness", "How timely answers were, by tier", names, kinds))
    return Section("timeliness", "Replies in time", (*parts, chart, *tables))


def _of_tier(years: Years, name: str, key: str | None, rows: Sequence[Row]) -> Table:
    of_years = [next((t for t in figures.timeliness if t.key == key), None) for figures in years.figures]
    said = tuple((title, *(say(each) if each else NONE for each in of_years)) for title, say in rows)
    return Table(f"{name}: acknowledged and answered", ("", *years.names), said)


def _replies(name: str, each: Timely) -> str:
    if each.median_working_days is None:
        return f"{name}: nothing was answered."
    half = plural(each.median_working_days, "working day")
    return (
        f"{name}: half of the answers took no more than {half}, nine of ten no more than {each.ninetieth_working_days}."
    )


def _share_as_extended(each: Timely) -> str:
    return per_cent(share(each.answered_in_time, each.answered + each.answer_missed))


def _where(names: Sequence[str], figures: Sequence[int], figure: int) -> list[str]:
    return [name for name, each in zip(names, figures, strict=True) if each == figure]
