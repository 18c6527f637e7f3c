"""What people read of a complaint: where it stands, how it came there, and what became of an act."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from admin.shared.output import humanize_code, instant, out, printable, table
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import words_of
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, DeadlineView, EventView
from complaints.records.tombstone import Tombstone

Words = Mapping[int, Mapping[str, str]]
"""What people said, by the sequence of its event and by field; "" where it was erased."""

ANSWERS = {None: "awaited", True: "accepted", False: "declined"}


def history_with_free_text(story: ComplaintHistory, words: Words) -> dict[str, Any]:
    """As JSON: each event has its `words`."""
    shown = story.model_dump(mode="json")
    for event in shown["events"]:
        event["words"] = dict(words.get(event["sequence"], {}))
    return shown


def print_history(story: ComplaintHistory, words: Words, stone: Tombstone | None) -> None:
    """Where one complaint stands, and how it came there."""
    zone = ZoneInfo(story.time_zone)
    facts = Table.grid(padding=(0, 2))
    for name, value in (*_facts(story, zone), *_gone(stone, zone)):
        facts.add_row(Text(name, style="dim"), printable(value))
    out.print(Text(story.reference, style="bold"))
    out.print(facts)
    if story.deadlines:
        out.print(_deadlines(story.deadlines, zone))
    if story.recommendations:
        rows = ((str(each.number), each.what, ANSWERS[each.accepted]) for each in story.recommendations)
        out.print(table("Recommendations", ["", "what", "answer"], rows))
    if story.undertakings:
        rows_ = (
            (str(each.number), each.what, format_date(each.by), instant(each.carried_out_at, zone) or "not yet")
            for each in story.undertakings
        )
        out.print(table("Undertakings", ["", "what", "by", "carried out"], rows_))
    _print_events(story.events, words, zone)


def print_views(views: Iterable[ComplaintView]) -> None:
    """One line for each complaint."""
    shown = table("", ["reference", "tier", "status", "holder", "next due", ""], ())
    for view in views:
        due = instant(view.next_due_at, ZoneInfo(view.time_zone))
        status = f"closed: {humanize_code(view.closing_reason)}" if view.closing_reason else humanize_code(view.status)
        mark = Text("overdue", style="red") if view.overdue else Text("")
        shown.add_row(view.reference, humanize_code(view.tier or ""), status, view.holder or "", due, mark)
    out.print(shown)


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


def _gone(stone: Tombstone | None, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    """Whose people are no longer on the record."""
    if stone:
        by = f", by {stone.by}" if stone.by else ""
        is_done = "" if stone.done_at else "; not finished yet"
        yield str(stone.kind), f"{instant(stone.asked_at, zone)}{by}: {stone.why}{is_done}"


def _deadlines(deadlines: Iterable[DeadlineView], zone: ZoneInfo) -> Table:
    rows = (
        (
            humanize_code(each.tier),
            words_of(each.kind, each.recommendation),
            _due(each, zone) + (f" (first {format_date(each.first_on)})" if each.first_on != each.due_on else ""),
            instant(each.met_at, zone),
            instant(each.lapsed_at, zone),
        )
        for each in deadlines
    )
    return table("Deadlines", ["tier", "for", "due by the end of", "met", "lapsed"], rows)


def _due(deadline: DeadlineView, zone: ZoneInfo) -> str:
    """By the end of a day; of an allowance in seconds, by an instant."""
    at = deadline.at.astimezone(zone)
    return format_date(deadline.due_on) + ("" if at.time() == time.min else f" {at:%H:%M:%S}")


def _print_events(events: Iterable[EventView], words: Words, zone: ZoneInfo) -> None:
    """A table of what happened; where people said something, their words stand under it."""
    shown = table("What happened", ["", "when", "event", "what", "by"], ())
    for event in events:
        what = Text(printable(event.what))
        for field, text in words.get(event.sequence, {}).items():
            what.append(f"\n{humanize_code(field)}: ", style="dim")
            what.append(printable(text) if text else "(erased)", style="italic")
        shown.add_row(
            str(event.sequence), instant(event.at, zone), printable(humanize_code(event.kind)), what, event.by or ""
        )
    out.print(shown)
