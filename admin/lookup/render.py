"""Print one complaint with its deadlines and events, or many complaints."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from rich.text import Text

from admin.lookup.values import Json, at, at_if_set, day, deadline_label, describe_needs
from admin.shared.output import humanize_code, instant, out, printable
from admin.shared.records import INDENT, one_line, print_facts, print_paragraph, print_records
from complaints.procedure.dates.date_format import format_date, format_due, format_last_day

ANSWERS = {None: "awaited", True: "accepted", False: "declined"}
COLUMNS = ["reference", "", "tier", "status", "holder", "due"]


def print_history(history: Json) -> None:
    """Print a complaint with its events; with the words that the service gave."""
    zone = ZoneInfo(history["time_zone"])
    out.print(Text(history["reference"], style="bold"))
    print_facts([*_facts(history, zone), *_removed(history.get("tombstone"), zone)])
    if form := history.get("form"):
        _print_section("Who complains", form_facts(form))
    if history["deadlines"]:
        print_records("Deadlines", DEADLINE_COLUMNS, (_deadline(each, zone) for each in history["deadlines"]))
    if history["recommendations"]:
        rows = ((str(each["number"]), each["what"], ANSWERS[each["accepted"]]) for each in history["recommendations"])
        print_records("Recommendations", ["", "what", "answer"], rows)
    if history["undertakings"]:
        rows_ = (
            (str(each["number"]), each["what"], format_date(day(each["by"])), _done(each, zone))
            for each in history["undertakings"]
        )
        print_records("Undertakings", ["", "what", "by", "carried out"], rows_)
    _print_events(history["events"], zone)


def _done(undertaking: Json, zone: ZoneInfo) -> str:
    replaced_at, carried_out_at = (at_if_set(undertaking[name]) for name in ("replaced_at", "carried_out_at"))
    if replaced_at and not carried_out_at:
        return f"replaced {instant(replaced_at, zone)}"
    return instant(carried_out_at, zone) or "not yet"


def print_views(views: Iterable[Json]) -> None:
    """Print a record for each complaint."""
    print_records("", COLUMNS, map(_row, views))


def form_facts(form: Json) -> Iterable[tuple[str, str]]:
    """Yield who complains, how to reach them and what they need, and their case."""
    for name, value in form["complainant"].items():
        if text := describe_needs(value) if name == "needs" else value:
            yield humanize_code(name), humanize_code(text) if name in ("capacity", "prefers") else text
    yield "case", form["case"]["reference"]
    if form["case"]["handler"]:
        yield "case handler", form["case"]["handler"]
    if form["put_right"]:
        yield "put right", form["put_right"]


def _print_section(title: str, facts: Iterable[tuple[str, str]]) -> None:
    out.print(Text(f"\n{title}" if out.is_terminal else title, style="bold"))
    print_facts(facts)


def _row(view: Json) -> Sequence[str | Text]:
    reason = view["closing_reason"]
    status = f"closed: {humanize_code(reason)}" if reason else humanize_code(view["status"])
    mark = Text("overdue" if view["overdue"] else "", style="red")
    due = _due(view, ZoneInfo(view["time_zone"])) or ""
    return view["reference"], mark, humanize_code(view["tier"] or ""), status, view["holder"] or "", due


def _due(view: Json, zone: ZoneInfo) -> str | None:
    """Say what is due and on which day; of a window, its last day."""
    if view["due"]:
        return f"{view['due']} {format_due(day(view['due_on']), at(view['due_at']), zone)}"
    if view["window_ends_at"] and not view["closing_reason"]:
        return f"window ends {format_last_day(at(view['window_ends_at']), zone)}"
    return None


def _facts(view: Json, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    yield "status", humanize_code(view["status"]) + (" (overdue)" if view["overdue"] else "")
    if view["tier"]:
        held = f", held by {view['holder']}" if view["holder"] else ", no holder yet"
        yield "tier", humanize_code(view["tier"]) + held
    yield "received", instant(at(view["received_at"]), zone)
    if view["closing_reason"]:
        yield "closed", f"{instant(at(view['closed_at']), zone)}, {humanize_code(view['closing_reason'])}"
    elif view["window_ends_at"]:
        yield "window", f"to the end of {format_last_day(at(view['window_ends_at']), zone)}"
    if view["due"]:
        yield "due", f"{view['due']} by the end of {format_due(day(view['due_on']), at(view['due_at']), zone)}"
    if view["next_due_at"]:
        yield "next", f"{instant(at(view['next_due_at']), zone)}: {view['next_due']}"
    yield "case", "open" if view["case_open"] else "closed"
    yield "policy", view["policy"]
    yield "times", view["time_zone"]


def _removed(tombstone: Json | None, zone: ZoneInfo) -> Iterable[tuple[str, str]]:
    """Say when and why the complaint was anonymised or erased."""
    if tombstone:
        by = f", by {tombstone['by']}" if tombstone["by"] else ""
        is_done = "" if tombstone["done_at"] else "; not finished yet"
        asked_at = instant(at(tombstone["asked_at"]), zone)
        yield tombstone["kind"], f"{asked_at}{by}: {tombstone['why']}{is_done}"


DEADLINE_COLUMNS = ["for", "tier", "due by the end of", "met", "lapsed"]


def _deadline(each: Json, zone: ZoneInfo) -> Sequence[str]:
    first = f" (first {format_date(day(each['first_on']))})" if each["first_on"] != each["due_on"] else ""
    return (
        deadline_label(each),
        humanize_code(each["tier"]),
        format_due(day(each["due_on"]), at(each["at"]), zone) + first,
        instant(at_if_set(each["met_at"]), zone),
        instant(at_if_set(each["lapsed_at"]), zone),
    )


def _print_events(events: Iterable[Json], zone: ZoneInfo) -> None:
    """Print events, with the words of each under its description; in a pipe, one a line."""
    out.print(Text("\nWhat happened" if out.is_terminal else "What happened", style="bold"))
    for event in events:
        number, when = event["sequence"], instant(at(event["at"]), zone)
        kind, what = humanize_code(event["kind"]), event["what"]
        words = [
            (humanize_code(field), printable(text) if text else "(erased)")
            for field, text in event.get("words", {}).items()
        ]
        if not out.is_terminal:
            cells = [str(number), when, kind, what, event["by"] or ""]
            cells += [f"{field}: {text}" for field, text in words]
            print("\t".join(one_line(printable(cell)) for cell in cells))
            continue
        by = f", by {event['by']}" if event["by"] else ""
        out.print(Text.assemble(f"{number}. {when}  ", (printable(kind), "bold"), (printable(by), "dim")))
        if what != kind:
            print_paragraph(Text(printable(what)), INDENT)
        for field, text in words:
            print_paragraph(Text.assemble((f"{field}: ", "dim"), (text, "italic")), INDENT)
