"""Print the answer to an act."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.text import Text

from admin.shared.output import humanize_code, out, print_json, printable
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Need, describe_needs


def print_answer(answer: Mapping[str, Any], notes: Sequence[str], as_json: bool) -> None:
    """Print the answer; `notes` say which instants the days that were typed mean."""
    if as_json:
        print_json(dict(answer) | _as_dict(notes))
        return
    reference, holder = answer["reference"], answer["holder"]
    out.print(Text(printable(f"{reference}: {answer['sentence']}"), style="green"))
    out.print(printable(f"It is now {humanize_code(answer['status'])}{f', held by {holder}' if holder else ''}."))
    due = ""
    if answer["due_on"]:
        due = f"Due: {answer['due']} by the end of {format_date(date.fromisoformat(answer['due_on']))}. "
    _print_notes(notes)
    if answer["needs"]:
        needs = describe_needs(map(Need, answer["needs"]))
        out.print(f"{needs} In their words: complaints show {reference} --words")
    out.print(f"{due}Act id: {printable(answer['id'])}")


def print_sent(act: str, sent: Mapping[str, Any], notes: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json(dict(sent) | _as_dict(notes))
        return
    reference = sent["reference"]
    out.print(f"{reference}: {humanize_code(act)} sent as a signal. To see its effect: show {reference}")
    _print_notes(notes)
    out.print(f"Act id: {printable(sent['id'])}")


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        out.print(printable(note))


def _as_dict(notes: Sequence[str]) -> dict[str, Any]:
    return {"notes": list(notes)} if notes else {}
