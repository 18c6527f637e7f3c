"""Print the ledger of a deadline: a line for each day, or a calendar of each month."""

import calendar as months
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from admin.shared.output import humanize_code, instant, out, printable
from admin.shared.records import print_records
from complaints.formatting.plural import plural
from complaints.procedure.dates.allowance import Counting
from complaints.procedure.dates.date_format import DAYS, LONG_MONTHS, format_date, format_due
from complaints.procedure.dates.ledgers import DeadlineEnding, LedgerDay, LedgerView, Margin, MoveView, Source

RULES = {
    "R3": "what starts a clock",
    "R4": "acknowledge and reply",
    "R5": "extension",
    "R6": "internal target",
    "R8": "recommendations",
    "R14": "a calendar or policy that changed",
}

COUNTINGS = {
    Counting.WORKING_DAYS: "; the next working day is day 1 (R2)",
    Counting.CALENDAR: "; the next day is day 1 (R2)",
    Counting.TIME: "; elapsed time counts (R2)",
}

ENDINGS = {
    DeadlineEnding.MET: ("Met", "green"),
    DeadlineEnding.MET_LATE: ("Met late", "red"),
    DeadlineEnding.ENDED: ("Ended unmet", "red"),
    DeadlineEnding.OVERDUE: ("Overdue", "red"),
    DeadlineEnding.RUNNING: ("Running", "bold"),
}


def print_ledger(ledger: LedgerView, *, as_months: bool) -> None:
    deadline, zone = ledger.deadline, ZoneInfo(ledger.time_zone)
    number = f" {deadline.recommendation}" if deadline.recommendation else ""
    title = f"{deadline.number}. {humanize_code(deadline.tier)}: {deadline.kind.label}{number}, {ledger.allowance}"
    out.print(Text(f"{title} ({_rule(ledger.rule)})", style="bold"))
    out.print(f"Day 0 is {format_date(ledger.day_0)}{COUNTINGS[ledger.counting]}. Set {instant(ledger.set_at, zone)}.")
    out.print(_due(ledger))
    for line in _moves(ledger, zone):
        out.print(Text(printable(line)))
    out.print(_ended(ledger, zone))
    if as_months:
        _print_months(ledger, zone)
    else:
        rows = [*_rows(ledger.days), *((day, f"late: {effect}") for day, effect in _rows(ledger.days_late))]
        if rows:
            print_records("", ["day", "counted as"], ((format_date(day), effect) for day, effect in rows))
    out.print(Text(printable(f"Policy {ledger.policy}; calendar {ledger.calendar}\n"), style="dim"))


def _rule(rule: str) -> str:
    return f"{rule}: {RULES[rule]}" if rule in RULES else rule


def _due(ledger: LedgerView) -> str:
    deadline = ledger.deadline
    first = f"; at first {format_date(deadline.first_on)}" if deadline.first_on != deadline.due_on else ""
    zone = ZoneInfo(ledger.time_zone)
    late_from = format_due(deadline.due_on, deadline.at, zone) if deadline.at.second else instant(deadline.at, zone)
    return f"Due by the end of {format_date(deadline.due_on)}{first}. An act at {late_from} or later is late."


def _moves(ledger: LedgerView, zone: ZoneInfo) -> Iterator[str]:
    for move in ledger.moves:
        yield _move(move, zone)
    for lapse in ledger.lapses:
        withdrawn = f"; withdrawn {instant(lapse.withdrawn_at, zone)}" if lapse.withdrawn_at else ""
        alerted = f"; alerted: {', '.join(lapse.alerted)}" if lapse.alerted else ""
        yield f"Lapsed {instant(lapse.lapsed_at, zone)}{alerted}{withdrawn}."


def _move(move: MoveView, zone: ZoneInfo) -> str:
    changes = []
    if move.from_on != move.to_on:
        changes.append(f"from {format_date(move.from_on)} to {format_date(move.to_on)}")
    if move.first_from and move.first_to and move.first_from != move.first_to:
        is_same = (move.first_from, move.first_to) == (move.from_on, move.to_on)
        days = "" if is_same else f" from {format_date(move.first_from)} to {format_date(move.first_to)}"
        changes.append(f"the first date too{days}")
    by = f" by {move.by}" if move.by else ""
    why = f": {move.why}" if move.why else ""
    return f"Moved {instant(move.moved_at, zone)}{by} {', '.join(changes)} ({_rule(move.rule)}){why or '.'}"


def _ended(ledger: LedgerView, zone: ZoneInfo) -> Text:
    word, style = ENDINGS[ledger.ending]
    at = ledger.deadline.met_at or ledger.deadline.ended_at
    line = Text(f"{word} {instant(at, zone)}" if at else word, style=style)
    if ledger.to_spare:
        line.append(f", {_margin(ledger.to_spare)}")
    if ledger.to_spare_at_first and ledger.to_spare_at_first != ledger.to_spare:
        line.append(f"; against the first date {_margin(ledger.to_spare_at_first)}")
    return line.append(".")


def _margin(margin: Margin) -> str:
    """Write `2 working days to spare (2 d 13 h 5 min)`, or `… late (…)`."""
    is_late = margin.seconds <= 0
    exact = _exact(abs(margin.seconds))
    if margin.working_days is None:
        return f"{exact} {'late' if is_late else 'to spare'}"
    days = plural(abs(margin.working_days), "working day")
    return f"{days} {'late' if is_late else 'to spare'} ({exact})"


def _exact(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    days, minutes = divmod(int(minutes), 24 * 60)
    parts = ((days, "d"), (minutes // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"{rest:g} s"


def _rows(days: list[LedgerDay]) -> Iterator[tuple[date, str]]:
    for day in days:
        yield day.on, _counted_as(day)


def _counted_as(day: LedgerDay) -> str:
    is_of_policy = day.source is Source.POLICY
    if day.skipped is not None:
        return f"skipped: {day.skipped}" + (" (the policy's own)" if is_of_policy else "")
    return f"day {day.number}" + (" (a bank holiday that the policy strikes)" if is_of_policy else "")


def _print_months(ledger: LedgerView, zone: ZoneInfo) -> None:
    """Print a page for each month, from day 0 to the due date or the day on which it ended late."""
    marks = _marks(ledger, zone)
    first, last = min(marks), max(marks)
    month = first.replace(day=1)
    while month <= last:
        _print_month(month, marks)
        month = (month + timedelta(days=31)).replace(day=1)


def _print_month(month: date, marks: dict[date, Text]) -> None:
    page = Table(
        title=f"{LONG_MONTHS[month.month - 1]} {month.year}",
        title_justify="left",
        box=box.SQUARE,
        padding=0,
        show_lines=True,
    )
    for name in DAYS:
        page.add_column(name, width=10, overflow="fold")
    for week in months.Calendar().monthdatescalendar(month.year, month.month):
        if any(day in marks and day.month == month.month for day in week):
            page.add_row(*(_cell(day, marks) if day.month == month.month else "" for day in week))
    out.print(page)


def _cell(day: date, marks: dict[date, Text]) -> Text:
    mark = marks.get(day)
    return Text(str(day.day), style="bold" if mark else "dim").append("\n").append(mark or "")


def _marks(ledger: LedgerView, zone: ZoneInfo) -> dict[date, Text]:
    """Return the text under each day."""
    deadline = ledger.deadline
    marks = {ledger.day_0: Text("day 0")}
    for days, late in ((ledger.days, ""), (ledger.days_late, "+")):
        for day in days:
            marks[day.on] = _mark(day, late)
    ended_at = deadline.met_at or deadline.ended_at
    named = [(deadline.due_on, "DUE", "bold reverse")]
    if deadline.first_on != deadline.due_on:
        named.append((deadline.first_on, "first due", "reverse"))
    if ended_at:
        word, style = ENDINGS[ledger.ending]
        named.append((ended_at.astimezone(zone).date(), word.upper(), f"bold {style}"))
    for day_, word, style in named:
        marks.setdefault(day_, Text("")).append("\n").append(word, style=style)
    return marks


def _mark(day: LedgerDay, late: str) -> Text:
    if day.skipped is None:
        return Text(f"{'late ' if late else 'day '}{late}{day.number}", style="red" if late else "green")
    style = "dim" if day.source is Source.WEEKEND else "magenta"
    return Text(printable(day.skipped) + ("*" if day.source is Source.POLICY else ""), style=style)
