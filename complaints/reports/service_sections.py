"""Lay out the annual report's sections on complaints received and on timeliness."""

from collections.abc import Callable, Sequence

from complaints.formatting.plural import plural
from complaints.procedure.enums import Capacity
from complaints.reports.charts import drawing
from complaints.reports.document import Chart, Part, Section, Table, paragraph
from complaints.reports.figures import Figures, Received
from complaints.reports.number_format import (
    NONE,
    format_decimal,
    format_number,
    format_per_cent,
    join_names,
    month_names,
)
from complaints.reports.timeliness import TimelinessGroup, share
from complaints.reports.year_comparison import YearComparison

CAPACITIES = {
    Capacity.CUSTOMER: "customers",
    Capacity.REPRESENTATIVE: "representatives",
    Capacity.RESPONDENT_BUSINESS: "respondent businesses",
}
Row = tuple[str, Callable[[TimelinessGroup], str]]


def received(years: YearComparison) -> Section:
    figures_of_year = years.report.figures.received
    months = month_names(years.report.first, len(figures_of_year.by_month))

    def row(format_value: Callable[[Received], str]) -> Callable[[Figures], str]:
        return lambda figures: format_value(figures.received)

    cases = (
        f", which is {figures_of_year.per_hundred_cases} for every hundred cases resolved"
        if figures_of_year.cases_resolved
        else ""
    )
    most, passed = max(figures_of_year.by_month), years.report.months_passed
    months_meant = "a month" if passed == len(months) else f"the {plural(passed, 'month')} that have passed"
    mean = f"the mean of {months_meant} is {sum(figures_of_year.by_month[:passed]) / passed:,.1f}" if passed else ""
    sentence = (
        f"Most complaints, {most:,}, came in {join_names(_names_of(months, figures_of_year.by_month, most))}"
        f"{f'; {mean}' if mean else ''}."
        if most
        else "No complaint came in."
    )
    table = years.table(
        "Complaints received",
        [
            ("Received", row(lambda r: format_number(r.received))),
            ("of these not about service, and signposted", row(lambda r: format_number(r.signposted))),
            ("of these out of time", row(lambda r: format_number(r.out_of_time))),
            *((f"from {name}", _received_from(capacity)) for capacity, name in CAPACITIES.items()),
            ("Cases resolved", row(lambda r: format_number(r.cases_resolved))),
            ("Complaints for every hundred cases", row(lambda r: format_decimal(r.per_hundred_cases))),
            ("Opened in error, counted nowhere", row(lambda r: format_number(r.opened_in_error))),
        ],
    )
    series = years.series(lambda figures: figures.received.by_month)
    by_month = Table(
        "Complaints received, by month",
        ("Month", *years.names),
        tuple(
            (month, NONE if number > passed else format_number(this), *map(format_number, others))
            for number, (month, this, *others) in enumerate(zip(months, *(values for _, values in series), strict=True))
        ),
    )
    chart = Chart(sentence, drawing.columns("received", "Complaints received, by month", months, series))
    text = paragraph(f"{plural(figures_of_year.received, 'complaint')} about the service came in{cases}.")
    return Section("received", "Complaints received", (text, table, chart, by_month))


def timeliness(years: YearComparison) -> Section:
    """Lay out acknowledgements and replies; reviews have no published deadline."""
    report = years.report
    replying = [each for each in report.figures.timeliness if each.acknowledged or each.acknowledgement_missed]
    replying = replying or report.figures.timeliness[:-1]
    names = [report.tiers.get(each.key or "", each.key or "") for each in replying]
    parts: list[Part] = [paragraph(_median_sentence(name, each)) for name, each in zip(names, replying, strict=True)]
    if not replying:
        return Section("timeliness", "Replies in time", (paragraph("No complaint reached a tier that replies."),))
    rows: list[Row] = [
        ("Complaints received", lambda t: format_number(t.received)),
        ("Acknowledged in time", lambda t: format_per_cent(t.acknowledged_in_time_share)),
        ("Answered", lambda t: format_number(t.answered)),
        ("in time by the first date", lambda t: format_number(t.answered_in_time_at_first)),
        ("in time by the date as extended", lambda t: format_number(t.answered_in_time)),
        ("late", lambda t: format_number(t.answered - t.answered_in_time)),
        ("Not answered, though the date passed", lambda t: format_number(t.answer_missed)),
        ("Not answered yet", lambda t: format_number(t.open)),
        ("Share in time by the first date", lambda t: format_per_cent(t.answered_in_time_share)),
        ("Share in time by the date as extended", _share_as_extended),
        ("Working days to half of the answers", lambda t: format_number(t.median_working_days)),
        ("Working days to nine of ten", lambda t: format_number(t.ninetieth_working_days)),
        ("Extended", lambda t: format_number(t.extended)),
        ("Passed on without an answer", lambda t: format_number(t.passed_on)),
        ("Keyed late, though sent in time", lambda t: format_number(t.keyed_late)),
    ]
    tables = [_tier_table(years, name, each.key, rows) for name, each in zip(names, replying, strict=True)]
    kinds = [
        ("in time by the first date", [each.answered_in_time_at_first for each in replying]),
        ("only as extended", [each.answered_in_time - each.answered_in_time_at_first for each in replying]),
        ("late", [each.answered - each.answered_in_time for each in replying]),
        ("not answered", [each.answer_missed for each in replying]),
    ]
    sentence = "; ".join(
        f"{name}: {format_per_cent(each.answered_in_time_share)} in time by the first date"
        for name, each in zip(names, replying, strict=True)
    )
    chart = Chart(f"{sentence}.", drawing.stacked("timeliness", "How timely answers were, by tier", names, kinds))
    return Section("timeliness", "Replies in time", (*parts, chart, *tables))


def _received_from(capacity: Capacity) -> Callable[[Figures], str]:
    return lambda figures: format_number(figures.complaints.received_from.get(capacity, 0))


def _tier_table(years: YearComparison, name: str, key: str | None, rows: Sequence[Row]) -> Table:
    groups = [next((t for t in figures.timeliness if t.key == key), None) for figures in years.figures]
    cells = tuple((title, *(format_value(each) if each else NONE for each in groups)) for title, format_value in rows)
    return Table(f"{name}: acknowledged and answered", ("", *years.names), cells)


def _median_sentence(name: str, each: TimelinessGroup) -> str:
    if each.median_working_days is None:
        return f"{name}: nothing was answered."
    half = plural(each.median_working_days, "working day")
    return (
        f"{name}: half of the answers took no more than {half}, nine of ten no more than {each.ninetieth_working_days}."
    )


def _share_as_extended(each: TimelinessGroup) -> str:
    return format_per_cent(share(each.answered_in_time, each.answered + each.answer_missed))


def _names_of(names: Sequence[str], figures: Sequence[int], figure: int) -> list[str]:
    return [name for name, each in zip(names, figures, strict=True) if each == figure]
