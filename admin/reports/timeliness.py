"""Print the report on timeliness as a table, JSON or CSV, and draw it as a chart."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from admin.reports.period import read_period
from admin.shared.api import Api
from admin.shared.errors import bad_input
from admin.shared.input_files import unwritable
from admin.shared.output import out, print_json
from admin.shared.records import print_note, print_records
from admin.shared.typed_dates import given
from complaints.formatting.csv_cells import csv_cells
from complaints.formatting.new_file import write_new_file
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.dates.date_format import format_date

BY = ("tier", "aspect", "holder", "month")
NONE = "\N{EN DASH}"
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
Group = Mapping[str, Any]


def print_timeliness(
    first: str | None,
    last: str | None,
    group_by: str,
    chart: str | None,
    policy: str | None,
    by: str | None,
    *,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Print the report, and draw the chart into the file `chart`. Raises CommandError."""
    errors: list[str] = []
    with Api(by, {"from": "--from", "to": "--to", "by": "--by", "policy": "--policy"}) as api:
        period = read_period(api, first, last, errors)
        if group_by not in BY:
            errors.append(f"--by: {unknown_name(group_by, BY)}")
        if as_csv and as_json:
            errors.append("--csv, --json: give only one of them")
        if errors:
            raise bad_input(*errors)
        query = {**period, **given(by=group_by, policy=policy)}
        named = api.get("/reports/timeliness", **query)
        if chart:
            _draw(api, query, chart)
    if as_json:
        print_json(named["report"])
    elif as_csv:
        print(_csv(named), end="")
    else:
        _print(named)


def _csv(named: Mapping[str, Any]) -> str:
    """Write a line for each group, and one for all."""
    report, columns = named["report"], named["columns"]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([report["by"], *columns])
    for group in _groups(report):
        key = "all" if group["key"] is None else group["key"]
        table.writerow(csv_cells([key, *(group[column] for column in columns)]))
    return text.getvalue()


def _groups(report: Mapping[str, Any]) -> list[Group]:
    return [*report["groups"], *([report["all"]] if report["all"] else [])]


def _print(named: Mapping[str, Any]) -> None:
    report = named["report"]
    first, last = (format_date(date.fromisoformat(report[name])) for name in ("first", "last"))
    groups = _groups(report)
    if not groups:
        out.print(f"No complaint reached a tier from {first} to {last}.")
        return
    names = [*named["names"], *(["all"] if report["all"] else [])]
    if report["by"] == "holder" or len(groups) > MAX_COLUMNS:
        rows = (
            (name, *(ROWS[title](group) for title in SHORT_COLUMNS)) for name, group in zip(names, groups, strict=True)
        )
        print_records("", [report["by"], *SHORT_COLUMNS], rows, is_matrix=True)
    else:
        print_records("", ["", *names], ((title, *map(cell, groups)) for title, cell in ROWS.items()), is_matrix=True)
    print_note(
        f"Complaints that a tier received from {first} to {last}; one that reached several tiers counts at each."
    )
    print_note("Shares are of those done or missed.")


def _number(field: str) -> Callable[[Group], str]:
    return lambda group: NONE if group[field] is None else f"{group[field]:,}"


def _per_cent(field: str) -> Callable[[Group], str]:
    return lambda group: NONE if group[field] is None else f"{100 * group[field]:.1f}%"


def _money(field: str) -> Callable[[Group], str]:
    def cell(group: Group) -> str:
        pounds, pence = divmod(group[field], 100)
        return f"£{pounds:,}.{pence:02}" if pence else f"£{pounds:,}"

    return cell


ROWS: dict[str, Callable[[Group], str]] = {
    "received": _number("received"),
    "open": _number("open"),
    "acknowledged in time": _per_cent("acknowledged_in_time_share"),
    "answered": _number("answered"),
    "in time, first date": _number("answered_in_time_at_first"),
    "in time, as extended": _number("answered_in_time"),
    "share in time, first date": _per_cent("answered_in_time_share"),
    "missed": _number("answer_missed"),
    "working days, half": _number("median_working_days"),
    "working days, 9 of 10": _number("ninetieth_working_days"),
    "extended": _number("extended"),
    "escalated": _number("escalated"),
    "passed on by lapse": _number("passed_on"),
    "keyed late": _number("keyed_late"),
    "upheld": _number("upheld"),
    "partly upheld": _number("partly_upheld"),
    "not upheld": _number("not_upheld"),
    "with a remedy": _number("with_remedy"),
    "compensation": _money("compensation_pence"),
    "corrections": _number("corrections"),
}


def _draw(api: Api, query: Mapping[str, Any], file: str) -> None:
    """Write the chart, unless there is no complaint. Raises CommandError."""
    with api.stream("GET", "/reports/timeliness/chart", params=dict(query)) as answer:
        svg = answer.read()
    try:
        if svg:
            write_new_file(Path(file), svg)
    except OSError as error:
        raise bad_input(f"--chart: {unwritable(file, error)}") from error
