"""Prints how timely complaints are answered: as a table, JSON, CSV, and as a chart."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from admin.shared.connections import Connections
from admin.shared.errors import bad_input
from admin.shared.output import out, print_json, table
from complaints.procedure.dates.date_format import LONG_MONTHS
from complaints.procedure.policy import Policy
from complaints.reports.charts import stacked
from complaints.reports.number_format import ASPECTS, money, number, on, per_cent
from complaints.reports.period import Period
from complaints.reports.timeliness import By, TimelinessReport, Timely, timeliness

CHART = "timeliness"
AT_MOST = 8
"""Columns side by side; of more groups, each is a row that says the most needed."""
IN_SHORT = (
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
    reach: Connections, policy: Policy, period: Period, by: str, chart: str | None, *, as_csv: bool, as_json: bool
) -> None:
    """Raises CommandError."""
    async with reach.record(answer_within=None) as engine:
        found = await timeliness(engine, policy, period, By(by))
    if chart and found.groups:
        _draw(policy, found, chart)
    if as_json:
        print_json(found)
    elif as_csv:
        print(_csv(found), end="")
    else:
        _print(policy, found)


def _csv(found: TimelinessReport) -> str:
    """A line for each group, and one for all."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([str(found.by), *list(found.all.model_dump() if found.all else Timely.model_fields)[1:]])
    for group in (*found.groups, *([found.all] if found.all else [])):
        values = group.model_dump()
        key = values.pop("key")
        table.writerow(["all" if key is None else key, *values.values()])
    return text.getvalue()


def _print(policy: Policy, found: TimelinessReport) -> None:
    shown = [*found.groups, *([found.all] if found.all else [])]
    if not shown:
        out.print(f"No complaint reached a tier from {on(found.first)} to {on(found.last)}.")
        return
    names = [_name(policy, found.by, group) for group in shown]
    if found.by is By.HOLDER or len(shown) > AT_MOST:
        rows = ((name, *(ROWS[title](group) for title in IN_SHORT)) for name, group in zip(names, shown, strict=True))
        out.print(table("", [str(found.by), *IN_SHORT], rows))
    else:
        out.print(table("", ["", *names], ((title, *map(say, shown)) for title, say in ROWS.items())))
    span = f"{on(found.first)} to {on(found.last)}"
    out.print(f"Of complaints which a tier received from {span}; one that went on counts at each.", style="dim")
    out.print("Shares are of those done or missed.", style="dim")


ROWS: dict[str, Callable[[Timely], str]] = {
    "received": lambda t: number(t.received),
    "open": lambda t: number(t.open),
    "acknowledged in time": lambda t: per_cent(t.acknowledged_in_time_share),
    "answered": lambda t: number(t.answered),
    "in time, first date": lambda t: number(t.answered_in_time_at_first),
    "in time, as extended": lambda t: number(t.answered_in_time),
    "share in time, first date": lambda t: per_cent(t.answered_in_time_share),
    "missed": lambda t: number(t.answer_missed),
    "working days, half": lambda t: number(t.median_working_days),
    "working days, 9 of 10": lambda t: number(t.ninetieth_working_days),
    "extended": lambda t: number(t.extended),
    "escalated": lambda t: number(t.escalated),
    "passed on by lapse": lambda t: number(t.passed_on),
    "keyed late": lambda t: number(t.keyed_late),
    "upheld": lambda t: number(t.upheld),
    "partly upheld": lambda t: number(t.partly_upheld),
    "not upheld": lambda t: number(t.not_upheld),
    "with a remedy": lambda t: number(t.with_remedy),
    "compensation": lambda t: money(t.compensation_pence),
}


def _name(policy: Policy, by: By, group: Timely) -> str:
    if group.key is None:
        return "all"
    if by is By.TIER:
        return policy.title_of(group.key)
    if by is By.ASPECT:
        return {str(aspect): name for aspect, name in ASPECTS.items()}[group.key]
    if by is By.MONTH:
        year, _, month = group.key.partition("-")
        return f"{LONG_MONTHS[int(month) - 1]} {year}"
    return group.key or "nobody"


def _draw(policy: Policy, found: TimelinessReport, file: str) -> None:
    """Raises CommandError."""
    groups = found.groups
    title = f"How timely answers were, {on(found.first)} to {on(found.last)}"
    parts = [
        ("in time by the first date", [each.answered_in_time_at_first for each in groups]),
        ("only as extended", [each.answered_in_time - each.answered_in_time_at_first for each in groups]),
        ("late", [each.answered - each.answered_in_time for each in groups]),
        ("not answered", [each.answer_missed for each in groups]),
    ]
    try:
        svg = stacked(CHART, title, [_name(policy, found.by, each) for each in groups], parts)
        Path(file).write_text(f"{svg}\n", encoding="utf-8")
    except OSError as error:
        raise bad_input(f"--chart: {error}") from error
