"""Print one complaint with its deadlines and events, or many complaints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.shared.output import humanize_code, instant, out, printable
from admin.shared.records import INDENT, one_line, print_facts, print_paragraph, print_records
from complaints.procedure.dates.date_format import format_date, format_due, format_last_day
from complaints.procedure.dates.deadlines import deadline_label
from complaints.procedure.form import Form
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, DeadlineView, EventView, UndertakingView
from complaints.records.tombstone import Tombstone

FreeText = Mapping[int, Mapping[str, str]]
"""Free text by the sequence of its event and by field; "" where it was erased."""

ANSWERS = {None: "awaited", True: "accepted", False: "declined"}
COLUMNS = ["reference", "", "tier", "status", "holder", "due"]


def history_with_free_text(history: ComplaintHistory, free_text: FreeText, form: Form | None) -> dict[str, Any]:
    """Return the history as JSON, with the form, and the free text of each event as `words`."""
    result = history.model_dump(mode="json", exclude={"readers"})
    for event in result["events"]:
        event["words"] = dict(free_text.get(event["sequence"], {}))
    return result | {"form": form.model_dump(mode="json") if form else None}


def print_history(
    history: ComplaintHistory, free_text: FreeText, form: Form | None, tombstone: Tombstone | None
) -> None:
    zone = ZoneInfo(history.time_zone)
    out.print(Text(history.reference, style="bold"))
    print_facts([*_facts(history, zone), *_removed(tombstone, zone)])
    if form:
        _print_section("Who complains", form_facts(form))
    if history.deadlines:
        print_records("Deadlines", DEADLINE_COLUMNS, (_deadline(each, zone) for each in history.deadlines))
    if history.recommendations:
        rows = ((str(each.number), each.what, ANSWERS[each.accepted]) for each in history.recommendations)
        print_records("Recommendations", ["", "what", "answer"], rows)
    if history.undertakings:
        rows_ = (
            (str(each.number), each.what, format_date(each.by), _done(each, zone)) for each in history.undertakings
        )
        print_records("Undertakings", ["", "what", "by", "carried out"], rows_)
    _print_events(history.events, free_text, zone)


def _done(undertaking: UndertakingView, zone: ZoneInfo) -> str:
    if undertaking.replaced_at and not undertaking.carried_out_at:
        return f"replaced {instant(undertaking.replaced_at, zone)}"
    return instant(undertaking.carried_out_at, zone) or "not yet"


def print_views(views: Iterable[ComplaintView]) -> None:
    """Print a record for each complaint."""
    print_records("", COLUMNS, map(_row, views))


def form_facts(form: Form) -> Iterable[tuple[str, str]]:
    """Yield who complains, how to reach them and what they need, and their case."""
    for name, value in form.complainant:
        if text := str(value or ""):
            yield humanize_code(name), humanize_code(text) if name in ("capacity", "prefers") else text
    yield "case", form.case.reference
    if form.case.handler:
        yield "case handler", form.case.handler
    if form.put_right:
        yield "put right", form.put_right


def _print_section(title: str, facts: Iterable[tuple[str, str]]) -> None:
    out.print(Text(f"\n{title}" if out.is_terminal else title, style="bold"))
    print_facts(facts)


def _row(view: ComplaintView) -> Sequence[str | Text]:
    status = f"closed: {humanize_code(view.closing_reason)}" if view.closing_reason else humanize_code(view.status)
    mark = Text("overdue" if view.overdue else "", style="red")
    due = _due(view, ZoneInfo(view.time_zone)) or ""
    return view.reference, mark, humanize_code(view.tier or ""), status, view.holder or "", due


def _due(view: ComplaintView, zone: ZoneInfo) -> str | None:
    """Say what is due and on which day; of a window, its last day."""
    if view.due and view.due_on and view.due_at:
        return f"{view.due} {format_due(view.due_on, view.due_at, zone)}"
    if view.window_ends_at and not view.closing_reason:
        return f"window ends {format_last_day(view.window_ends_at, zone)}"
    return None


def _facts(view: ComplaintView, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield "status", humanize_code(view.status) + (" (overdue)" if view.overdue else "")
    if view.tier:
        yield "tier", humanize_code(view.tier) + (f", held by {view.holder}" if view.holder else ", no holder yet")
    yield "received", instant(view.received_at, zone)
    if view.closing_reason:
        yield "closed", f"{instant(view.closed_at, zone)}, {humanize_code(view.closing_reason)}"
    elif view.window_ends_at:
        yield "window", f"to the end of {format_last_day(view.window_ends_at, zone)}"
    if view.due and view.due_on and view.due_at:
        yield "due", f"{view.due} by the end of {format_due(view.due_on, view.due_at, zone)}"
    if view.next_due_at:
        yield "next", f"{instant(view.next_due_at, zone)}: {view.next_due}"
    yield "case", "open" if view.case_open else "closed"
    yield "policy", view.policy
    yield "times", view.time_zone


def _removed(tombstone: Tombstone | None, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    """Say when and why the complaint was anonymised or erased."""
    if tombstone:
        by = f", by {tombstone.by}" if tombstone.by else ""
        is_done = "" if tombstone.done_at else "; not finished yet"
        yield str(tombstone.kind), f"{instant(tombstone.asked_at, zone)}{by}: {tombstone.why}{is_done}"


DEADLINE_COLUMNS = ["for", "tier", "due by the end of", "met", "lapsed"]


def _deadline(each: DeadlineView, zone: ZoneInfo) -> Sequence[str]:
    first = f" (first {format_date(each.first_on)})" if each.first_on != each.due_on else ""
    return (
        deadline_label(each.kind, each.recommendation),
        humanize_code(each.tier),
        format_due(each.due_on, each.at, zone) + first,
        instant(each.met_at, zone),
        instant(each.lapsed_at, zone),
    )


def _print_events(events: Iterable[EventView], free_text: FreeText, zone: ZoneInfo) -> None:
    """Print events, with the free text of each under its description; in a pipe, one a line."""
    out.print(Text("\nWhat happened" if out.is_terminal else "What happened", style="bold"))
    for event in events:
        when, kind = instant(event.at, zone), humanize_code(event.kind)
        words = [
            (humanize_code(field), printable(text) if text else "(erased)")
            for field, text in free_text.get(event.sequence, {}).items()
        ]
        if not out.is_terminal:
            cells = [str(event.sequence), when, kind, event.what, event.by or ""]
            cells += [f"{field}: {text}" for field, text in words]
            print("\t".join(one_line(printable(cell)) for cell in cells))
            continue
        by = f", by {event.by}" if event.by else ""
        out.print(Text.assemble(f"{event.sequence}. {when}  ", (printable(kind), "bold"), (printable(by), "dim")))
        if event.what != kind:
            print_paragraph(Text(printable(event.what)), INDENT)
        for field, text in words:
            print_paragraph(Text.assemble((f"{field}: ", "dim"), (text, "italic")), INDENT)
