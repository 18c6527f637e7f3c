"""What people read: tables, colours only on a terminal; and the same as JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from complaints.procedure.acts import Act
from complaints.procedure.dates import written
from complaints.procedure.state import Answer
from complaints.procedure.view import ComplaintStory, ComplaintView, DeadlineView, LedgerView

out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    if isinstance(value, BaseModel):
        text = value.model_dump_json(indent=2)
    elif isinstance(value, dict):
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    else:
        text = "[" + ",\n".join(item.model_dump_json(indent=2) for item in value) + "]"
    print(text)


def print_answer(answer: Answer, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    out.print(Text(f"{answer.reference}: {answer.sentence}", style="green"))
    out.print(f"It is now {spoken(answer.status)}{f', held by {answer.holder}' if answer.holder else ''}.")
    if answer.next_due_at:
        out.print(f"Next due: {answer.next_due_at:%Y-%m-%d %H:%M}Z. Act id: {answer.id}")


def print_sent(reference: str, act: Act, as_json: bool) -> None:
    if as_json:
        print_json({"id": act.id, "reference": reference, "code": "sent"})
    else:
        out.print(f"{reference}: {act.name} sent as a signal. Act id: {act.id}. See what became of it with show.")


def print_view(view: ComplaintStory) -> None:
    """Where one complaint stands, and how it came there."""
    zone = ZoneInfo(view.time_zone)
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(view, zone):
        facts.add_row(Text(name, style="dim"), value)
    out.print(Text(view.reference, style="bold"))
    out.print(facts)
    if view.deadlines:
        out.print(_deadlines(view.deadlines, zone))
    if view.recommendations:
        out.print(
            _table(
                "Recommendations",
                ["", "what", "answer"],
                (
                    (str(r.number), r.what, {None: "awaited", True: "accepted", False: "declined"}[r.accepted])
                    for r in view.recommendations
                ),
            )
        )
    if view.undertakings:
        out.print(
            _table(
                "Undertakings",
                ["", "what", "by", "carried out"],
                (
                    (str(u.number), u.what, written(u.by), _instant(u.carried_out_at, zone) or "not yet")
                    for u in view.undertakings
                ),
            )
        )
    out.print(
        _table(
            "What happened",
            ["", "when", "what", "by"],
            ((str(e.sequence), _instant(e.at, zone), e.what, e.by or "") for e in view.events),
        )
    )


def print_views(views: Iterable[ComplaintView]) -> int:
    """One line for each complaint; returns how many there were."""
    table = _table("", ["reference", "tier", "status", "holder", "next due", ""], ())
    number = 0
    for view in views:
        number += 1
        due = _instant(view.next_due_at, ZoneInfo(view.time_zone))
        mark = Text("overdue", style="red") if view.overdue else Text("")
        status = f"closed: {spoken(view.closing_reason)}" if view.closing_reason else spoken(view.status)
        table.add_row(view.reference, spoken(view.tier or ""), status, view.holder or "", due, mark)
    if number:
        out.print(table)
    return number


def print_ledger(ledger: LedgerView) -> None:
    """Why one deadline is when it is."""
    deadline = ledger.deadline
    title = f"{spoken(deadline.tier)}: {deadline.kind.words}, {ledger.allowance} ({ledger.rule})"
    out.print(Text(title, style="bold"))
    out.print(f"Day 0: {written(ledger.day_0)}. Due by the end of {written(deadline.due_on)}. {_outcome(deadline)}")
    print_days(
        [day.on for day in ledger.days if not day.skipped],
        [{"on": day.on, "why": day.skipped} for day in ledger.days if day.skipped],
    )
    for move in ledger.moves:
        out.print(f"Moved from {written(move.from_on)} to {written(move.to_on)} by {move.by or 'rule'} ({move.rule}).")
    out.print(Text(f"Policy {ledger.policy}; calendar {ledger.calendar}\n", style="dim"))


def print_days(counted: list[date], skipped: list[dict[str, Any]]) -> None:
    """A ledger: each day in order, counted or skipped and why."""
    rows = [(day, f"day {number}") for number, day in enumerate(counted, start=1)]
    rows += [(day["on"], f"skipped: {day['why']}") for day in skipped]
    if rows:
        out.print(_table("", ["day", "counted as"], ((written(day), what) for day, what in sorted(rows))))


def spoken(code: str) -> str:
    return code.replace("_", " ")


def _facts(view: ComplaintView, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield "status", spoken(view.status) + (" (overdue)" if view.overdue else "")
    if view.tier:
        yield "tier", spoken(view.tier) + (f", held by {view.holder}" if view.holder else ", no holder yet")
    yield "received", _instant(view.received_at, zone)
    if view.closing_reason:
        yield "closed", f"{_instant(view.closed_at, zone)}, {spoken(view.closing_reason)}"
    elif view.window_ends_at:
        yield "window", f"until {_instant(view.window_ends_at, zone)}"
    if view.next_due_at:
        yield "next due", f"{_instant(view.next_due_at, zone)}: {view.next_due}"
    yield "case", "open" if view.case_open else "closed"
    yield "policy", view.policy


def _deadlines(deadlines: Iterable[DeadlineView], zone: ZoneInfo) -> Table:
    rows = (
        (
            spoken(d.tier),
            d.kind.words + (f" {d.recommendation}" if d.recommendation else ""),
            written(d.due_on) + (f" (first {written(d.first_on)})" if d.first_on != d.due_on else ""),
            _instant(d.met_at, zone),
            _instant(d.lapsed_at, zone),
        )
        for d in deadlines
    )
    return _table("Deadlines", ["tier", "for", "by the end of", "met", "lapsed"], rows)


def _outcome(deadline: DeadlineView) -> str:
    if deadline.met_at:
        return f"Met {deadline.met_at:%Y-%m-%d %H:%M}Z, {'in time' if deadline.met_at < deadline.at else 'late'}."
    if deadline.ended_at:
        return "Ended unmet."
    return "Overdue." if deadline.lapsed_at else "Running."


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def _table(title: str, columns: list[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
