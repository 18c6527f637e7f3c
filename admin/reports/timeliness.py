"""Print the report on timeliness as a table, JSON or CSV, and draw it as a chart."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.input_files import unwritable
from admin.shared.output import out, print_json
from admin.shared.records import print_note, print_records
from complaints.formatting.csv_cells import csv_cells
from complaints.formatting.new_file import write_new_file
from complaints.procedure.dates.date_format import LONG_MONTHS, format_date
from complaints.procedure.policy import Policy
from complaints.reports.charts.availability import NEEDS_MATPLOTLIB, can_draw
from complaints.reports.number_format import ASPECTS, format_money, format_number, format_per_cent
from complaints.reports.period import Period
from complaints.reports.timeliness import GroupBy, TimelinessGroup, TimelinessReport, build_timeliness_report

CHART = "timeliness"
MAX_COLUMNS = 8
"""With more groups than this, each is a row with the columns of SHORT_COLUMNS."""
SHORT_COLUMNS = (
    "received",
    "open",
    "answered",
    "share in time, first date",
    "missed",
    "working days, half",
    "working days, 9 of 10",
    "extended",
    "passed on by lapse",
)


async def print_timeliness(
    connections: Connections, policy: Policy, period: Period, by: str, chart: str | None, *, as_csv: bool, as_json: bool
) -> None:
    """Print the report, and draw the chart into the file `chart`. Raises CommandError."""
    if chart and not can_draw():
        raise CommandError(Exit.FAILED, f"--chart: {NEEDS_MATPLOTLIB}")
    async with connections.record(timeout_seconds=None) as engine:
        report = await build_timeliness_report(engine, policy, period, GroupBy(by))
    if chart and report.groups:
        _draw(policy, report, chart)
    if as_json:
        print_json(report)
    elif as_csv:
        print(_csv(report), end="")
    else:
        _print(policy, report)


def _csv(report: TimelinessReport) -> str:
    """Write a line for each group, and one for all."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([str(report.by), *list(report.all.model_dump() if report.all else TimelinessGroup.model_fields)[1:]])
    for group in (*report.groups, *([report.all] if report.all else [])):
        values = group.model_dump()
        key = values.pop("key")
        table.writerow(csv_cells(["all" if key is None else key, *values.values()]))
    return text.getvalue()


def _print(policy: Policy, report: TimelinessReport) -> None:
    groups = [*report.groups, *([report.all] if report.all else [])]
    if not groups:
        out.print(f"No complaint reached a tier from {format_date(report.first)} to {format_date(report.last)}.")
        return
    names = [_name(policy, report.by, group) for group in groups]
    if report.by is GroupBy.HOLDER or len(groups) > MAX_COLUMNS:
        rows = (
            (name, *(ROWS[title](group) for title in SHORT_COLUMNS)) for name, group in zip(names, groups, strict=True)
        )
        print_records("", [str(report.by), *SHORT_COLUMNS], rows, is_matrix=True)
    else:
        print_records("", ["", *names], ((title, *map(cell, groups)) for title, cell in ROWS.items()), is_matrix=True)
    span = f"{format_date(report.first)} to {format_date(report.last)}"
    print_note(f"Complaints that a tier received from {span}; one that reached several tiers counts at each.")
    print_note("Shares are of those done or missed.")


ROWS: dict[str, Callable[[TimelinessGroup], str]] = {
    "received": lambda t: format_number(t.received),
    "open": lambda t: format_number(t.open),
    "acknowledged in time": lambda t: format_per_cent(t.acknowledged_in_time_share),
    "answered": lambda t: format_number(t.answered),
    "in time, first date": lambda t: format_number(t.answered_in_time_at_first),
    "in time, as extended": lambda t: format_number(t.answered_in_time),
    "share in time, first date": lambda t: format_per_cent(t.answered_in_time_share),
    "missed": lambda t: format_number(t.answer_missed),
    "working days, half": lambda t: format_number(t.median_working_days),
    "working days, 9 of 10": lambda t: format_number(t.ninetieth_working_days),
    "extended": lambda t: format_number(t.extended),
    "escalated": lambda t: format_number(t.escalated),
    "passed on by lapse": lambda t: format_number(t.passed_on),
    "keyed late": lambda t: format_number(t.keyed_late),
    "upheld": lambda t: format_number(t.upheld),
    "partly upheld": lambda t: format_number(t.partly_upheld),
    "not upheld": lambda t: format_number(t.not_upheld),
    "with a remedy": lambda t: format_number(t.with_remedy),
    "compensation": lambda t: format_money(t.compensation_pence),
    "corrections": lambda t: format_number(t.corrections),
}


def _name(policy: Policy, by: GroupBy, group: TimelinessGroup) -> str:
    if group.key is None:
        return "all"
    if by is GroupBy.TIER:
        return policy.title_of(group.key)
    if by is GroupBy.ASPECT:
        return {str(aspect): name for aspect, name in ASPECTS.items()}[group.key]
    if by is GroupBy.MONTH:
        year, _, month = group.key.partition("-")
        return f"{LONG_MONTHS[int(month) - 1]} {year}"
    return group.key or "nobody"


def _draw(policy: Policy, report: TimelinessReport, file: str) -> None:
    from complaints.reports.charts.drawing import stacked  # loads matplotlib

    groups = report.groups
    title = f"How timely answers were, {format_date(report.first)} to {format_date(report.last)}"
    parts = [
        ("in time by the first date", [each.answered_in_time_at_first for each in groups]),
        ("only as extended", [each.answered_in_time - each.answered_in_time_at_first for each in groups]),
        ("late", [each.answered - each.answered_in_time for each in groups]),
        ("not answered", [each.answer_missed for each in groups]),
    ]
    try:
        svg = stacked(CHART, title, [_name(policy, report.by, each) for each in groups], parts)
        write_new_file(Path(file), f"{svg}\n".encode())
    except OSError as error:
        raise bad_input(f"--chart: {unwritable(file, error)}") from error
