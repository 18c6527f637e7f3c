"""Print the ledger of a deadline: a line for each day, or a calendar of each month."""

import calendar as months
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from admin.lookup.values import Json, at, day, deadline_label
from admin.shared.output import humanize_code, instant, out, printable
from admin.shared.records import print_records
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import DAYS, LONG_MONTHS, format_date, format_due

RULES = {
    "R3": "what starts a clock",
    "R4": "acknowledge and reply",
    "R5": "extension",
    "R6": "internal target",
    "R8": "recommendations",
    "R14": "a calendar or policy that changed",
}

COUNTINGS = {
    "working_days": "; the next working day is day 1 (R2)",
    "calendar": "; the next day is day 1 (R2)",
    "time": "; elapsed time counts (R2)",
}

ENDINGS = {
    "met": ("Met", "green"),
    "met_late": ("Met late", "red"),
    "ended": ("Ended unmet", "red"),
    "overdue": ("Overdue", "red"),
    "running": ("Running", "bold"),
}


WEEKEND, POLICY = "weekend", "policy"
"""Sources of a skipped day, or of one that counts although the region skips it."""


def print_ledger(ledger: Json, *, as_months: bool) -> None:
    deadline, zone = ledger["deadline"], ZoneInfo(ledger["time_zone"])
    title = f"{deadline['number']}. {humanize_code(deadline['tier'])}: {deadline_label(deadline)}"
    out.print(Text(f"{title}, {ledger['allowance']} ({_rule(ledger['rule'])})", style="bold"))
    set_at = instant(at(ledger["set_at"]), zone)
    out.print(f"Day 0 is {format_date(day(ledger['day_0']))}{COUNTINGS[ledger['counting']]}. Set {set_at}.")
    out.print(_due(ledger))
    for line in _moves(ledger, zone):
        out.print(Text(printable(line)))
    out.print(_ended(ledger))
    if as_months:
        _print_months(ledger, zone)
    else:
        rows = [*_rows(ledger["days"]), *((on, f"late: {effect}") for on, effect in _rows(ledger["days_late"]))]
        if rows:
            print_records("", ["day", "counted as"], ((format_date(on), effect) for on, effect in rows))
    out.print(Text(printable(f"Policy {ledger['policy']}; calendar {ledger['calendar']}\n"), style="dim"))


def _rule(rule: str) -> str:
    return f"{rule}: {RULES[rule]}" if rule in RULES else rule


def _due(ledger: Json) -> str:
    deadline, zone = ledger["deadline"], ZoneInfo(ledger["time_zone"])
    due_on, first_on, due_at = day(deadline["due_on"]), day(deadline["first_on"]), at(deadline["at"])
    first = f"; at first {format_date(first_on)}" if first_on != due_on else ""
    late_from = format_due(due_on, due_at, zone) if due_at.second else instant(due_at, zone)
    return f"Due by the end of {format_date(due_on)}{first}. An act at {late_from} or later is late."


def _moves(ledger: Json, zone: ZoneInfo) -> Iterator[str]:
    for move in ledger["moves"]:
        yield _move(move, zone)
    for lapse in ledger["lapses"]:
        withdrawn = f"; withdrawn {instant(at(lapse['withdrawn_at']), zone)}" if lapse["withdrawn_at"] else ""
        alerted = f"; alerted: {', '.join(lapse['alerted'])}" if lapse["alerted"] else ""
        yield f"Lapsed {instant(at(lapse['lapsed_at']), zone)}{alerted}{withdrawn}."


def _move(move: Json, zone: ZoneInfo) -> str:
    changes = []
    days, first = (move["from_on"], move["to_on"]), (move["first_from"], move["first_to"])
    if days[0] != days[1]:
        changes.append(f"from {_from_to(days)}")
    if all(first) and first[0] != first[1]:
        changes.append("the first date too" + (f" from {_from_to(first)}" if first != days else ""))
    by = f" by {move['by']}" if move["by"] else ""
    why = f": {move['why']}" if move["why"] else ""
    moved_at = instant(at(move["moved_at"]), zone)
    return f"Moved {moved_at}{by} {', '.join(changes)} ({_rule(move['rule'])}){why or '.'}"


def _from_to(days: tuple[str, str]) -> str:
    return " to ".join(format_date(day(each)) for each in days)


def _ended(ledger: Json) -> Text:
    word, style = ENDINGS[ledger["ending"]]
    ended_at = ledger["deadline"]["met_at"] or ledger["deadline"]["ended_at"]
    zone, spare, first = ZoneInfo(ledger["time_zone"]), ledger["to_spare"], ledger["to_spare_at_first"]
    line = Text(f"{word} {instant(at(ended_at), zone)}" if ended_at else word, style=style)
    if spare:
        line.append(f", {_margin(spare)}")
    if first and first != spare:
        line.append(f"; against the first date {_margin(first)}")
    return line.append(".")


def _margin(margin: Json) -> str:
    """Write `2 working days to spare (2 d 13 h 5 min)`, or `… late (…)`."""
    is_late = margin["seconds"] <= 0
    exact = _exact(abs(margin["seconds"]))
    if margin["working_days"] is None:
        return f"{exact} {'late' if is_late else 'to spare'}"
    days = plural(abs(margin["working_days"]), "working day")
    return f"{days} {'late' if is_late else 'to spare'} ({exact})"


def _exact(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    days, minutes = divmod(int(minutes), 24 * 60)
    parts = ((days, "d"), (minutes // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or f"{rest:g} s"


def _rows(days: list[Json]) -> Iterator[tuple[date, str]]:
    for each in days:
        yield day(each["on"]), _counted_as(each)


def _counted_as(each: Json) -> str:
    is_of_policy = each["source"] == POLICY
    if each["skipped"] is not None:
        return f"skipped: {each['skipped']}" + (" (the policy's own)" if is_of_policy else "")
    return f"day {each['number']}" + (" (a bank holiday that the policy strikes)" if is_of_policy else "")


def _print_months(ledger: Json, zone: ZoneInfo) -> None:
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


def _marks(ledger: Json, zone: ZoneInfo) -> dict[date, Text]:
    """Return the text under each day."""
    deadline = ledger["deadline"]
    marks = {day(ledger["day_0"]): Text("day 0")}
    for days, late in ((ledger["days"], ""), (ledger["days_late"], "+")):
        for each in days:
            marks[day(each["on"])] = _mark(each, late)
    ended_at = deadline["met_at"] or deadline["ended_at"]
    named = [(day(deadline["due_on"]), "DUE", "bold reverse")]
    if deadline["first_on"] != deadline["due_on"]:
        named.append((day(deadline["first_on"]), "first due", "reverse"))
    if ended_at:
        word, style = ENDINGS[ledger["ending"]]
        named.append((at(ended_at).astimezone(zone).date(), word.upper(), f"bold {style}"))
    for on, word, style in named:
        marks.setdefault(on, Text("")).append("\n").append(word, style=style)
    return marks


def _mark(each: Json, late: str) -> Text:
    if each["skipped"] is None:
        return Text(f"{'late ' if late else 'day '}{late}{each['number']}", style="red" if late else "green")
    style = "dim" if each["source"] == WEEKEND else "magenta"
    return Text(printable(each["skipped"]) + ("*" if each["source"] == POLICY else ""), style=style)
