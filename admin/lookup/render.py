"""Print one complaint with its deadlines and events, or a table of many."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from admin.shared.output import humanize_code, instant, out, printable, table
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import deadline_label
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, DeadlineView, EventView
from complaints.records.tombstone import Tombstone

FreeText = Mapping[int, Mapping[str, str]]
"""Free text by the sequence of its event and by field; "" where it was erased."""

ANSWERS = {None: "awaited", True: "accepted", False: "declined"}


def history_with_free_text(history: ComplaintHistory, free_text: FreeText) -> dict[str, Any]:
    """Return the history as JSON, with the free text of each event as `words`."""
    result = history.model_dump(mode="json")
    for event in result["events"]:
        event["words"] = dict(free_text.get(event["sequence"], {}))
    return result


def print_history(history: ComplaintHistory, free_text: FreeText, tombstone: Tombstone | None) -> None:
    zone = ZoneInfo(history.time_zone)
    facts = Table.grid(padding=(0, 2))
    for name, value in (*_facts(history, zone), *_removed(tombstone, zone)):
        facts.add_row(Text(name, style="dim"), printable(value))
    out.print(Text(history.reference, style="bold"))
    out.print(facts)
    if history.deadlines:
        out.print(_deadlines(history.deadlines, zone))
    if history.recommendations:
        rows = ((str(each.number), each.what, ANSWERS[each.accepted]) for each in history.recommendations)
        out.print(table("Recommendations", ["", "what", "answer"], rows))
    if history.undertakings:
        rows_ = (
            (str(each.number), each.what, format_date(each.by), instant(each.carried_out_at, zone) or "not yet")
            for each in history.undertakings
        )
        out.print(table("Undertakings", ["", "what", "by", "carried out"], rows_))
    _print_events(history.events, free_text, zone)


def print_views(views: Iterable[ComplaintView]) -> None:
    """Print a table with one line for each complaint."""
    rows = table("", ["reference", "tier", "status", "holder", "next due", ""], ())
    for view in views:
        due = instant(view.next_due_at, ZoneInfo(view.time_zone))
        status = f"closed: {humanize_code(view.closing_reason)}" if view.closing_reason else humanize_code(view.status)
        mark = Text("overdue", style="red") if view.overdue else Text("")
        rows.add_row(view.reference, humanize_code(view.tier or ""), status, view.holder or "", due, mark)
    out.print(rows)


def _facts(view: ComplaintView, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield "status", humanize_code(view.status) + (" (overdue)" if view.overdue else "")
    if view.tier:
        yield "tier", humanize_code(view.tier) + (f", held by {view.holder}" if view.holder else ", no holder yet")
    yield "received", instant(view.received_at, zone)
    if view.closing_reason:
        yield "closed", f"{instant(view.closed_at, zone)}, {humanize_code(view.closing_reason)}"
    elif view.window_ends_at:
        yield "window", f"until {instant(view.window_ends_at, zone)}"
    if view.next_due_at:
        yield "next due", f"{instant(view.next_due_at, zone)}: {view.next_due}"
    yield "case", "open" if view.case_open else "closed"
    yield "policy", view.policy
    yield "times", view.time_zone


def _removed(tombstone: Tombstone | None, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    """Say when and why the complaint was anonymised or erased."""
    if tombstone:
        by = f", by {tombstone.by}" if tombstone.by else ""
        is_done = "" if tombstone.done_at else "; not finished yet"
        yield str(tombstone.kind), f"{instant(tombstone.asked_at, zone)}{by}: {tombstone.why}{is_done}"


def _deadlines(deadlines: Iterable[DeadlineView], zone: ZoneInfo) -> Table:
    rows = (
        (
            humanize_code(each.tier),
            deadline_label(each.kind, each.recommendation),
            _due(each, zone) + (f" (first {format_date(each.first_on)})" if each.first_on != each.due_on else ""),
            instant(each.met_at, zone),
            instant(each.lapsed_at, zone),
        )
        for each in deadlines
    )
    return table("Deadlines", ["tier", "for", "due by the end of", "met", "lapsed"], rows)


def _due(deadline: DeadlineView, zone: ZoneInfo) -> str:
    """Format the last day; for an allowance in seconds, the instant too."""
    at = deadline.at.astimezone(zone)
    return format_date(deadline.due_on) + ("" if at.time() == time.min else f" {at:%H:%M:%S}")


def _print_events(events: Iterable[EventView], free_text: FreeText, zone: ZoneInfo) -> None:
    """Print a table of events, with the free text of each under its description."""
    rows = table("What happened", ["", "when", "event", "what", "by"], ())
    for event in events:
        description = Text(printable(event.what))
        for field, text in free_text.get(event.sequence, {}).items():
            description.append(f"\n{humanize_code(field)}: ", style="dim")
            description.append(printable(text) if text else "(erased)", style="italic")
        kind = printable(humanize_code(event.kind))
        rows.add_row(str(event.sequence), instant(event.at, zone), kind, description, event.by or "")
    out.print(rows)
