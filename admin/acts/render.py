"""Print the answer to an act."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from admin.shared.output import humanize_code, out, print_json, printable
from complaints.procedure.acts import Act
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import describe_needs
from complaints.procedure.state import Answer


def print_answer(answer: Answer, notes: Sequence[str], as_json: bool) -> None:
    """Print the answer; `notes` say which instants the days that were typed mean."""
    if as_json:
        print_json(answer.model_dump(mode="json") | _as_dict(notes))
        return
    out.print(Text(f"{answer.reference}: {answer.sentence}", style="green"))
    out.print(f"It is now {humanize_code(answer.status)}{f', held by {answer.holder}' if answer.holder else ''}.")
    due = f"Due: {answer.due} by the end of {format_date(answer.due_on)}. " if answer.due_on else ""
    _print_notes(notes)
    if answer.needs:
        out.print(f"{describe_needs(answer.needs)} In their words: complaints show {answer.reference} --words")
    out.print(f"{due}Act id: {printable(answer.id)}")


def print_sent(reference: str, act: Act, notes: Sequence[str], as_json: bool) -> None:
    if as_json:
        print_json({"id": act.id, "reference": reference, "code": "sent"} | _as_dict(notes))
    else:
        out.print(f"{reference}: {humanize_code(act.name)} sent as a signal. To see its effect: show {reference}")
        _print_notes(notes)
        out.print(f"Act id: {printable(act.id)}")


def _print_notes(notes: Sequence[str]) -> None:
    for note in notes:
        out.print(printable(note))


def _as_dict(notes: Sequence[str]) -> dict[str, Any]:
    return {"notes": list(notes)} if notes else {}
