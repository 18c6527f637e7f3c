"""Show what an act would do, and ask before it is sent; or print its letters."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from admin.acts.build import BuiltAct
from admin.acts.foresee import LetterPreview, Prospect
from admin.shared.ask import ask, screen
from admin.shared.local_dates import LocalDates
from admin.shared.output import humanize_code, out, print_json, printable
from complaints.letters.text import render_text
from complaints.procedure.acts import Act
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.date_format import format_date, format_long_date
from complaints.procedure.permissions import Permission
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.date_preview import DateChange

MAX_TEXT = 300
"""The most characters of a text that are shown before the question."""
NOT_BY_STAFF = (Permission.ANYBODY, Permission.POST_ROOM)


def confirm(built: BuiltAct, prospect: Prospect | None, dates: LocalDates) -> bool:
    """Show the act and its effects on standard error; return the answer to the question."""
    console = screen()
    if prospect:
        if warning := other_holder(prospect.preview.before, built.act):
            console.print(Text(printable(warning), style="bold yellow"))
        for line in _complaint(prospect.preview.before):
            console.print(Text(printable(line)))
    else:
        console.print("The record does not have the complaint, or is unavailable: its effects are not known.")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for label, value in [*_fields(built.act, dates), *(_effects(prospect) if prospect else [])]:
        rows.add_row(Text(f"  {label}"), Text(printable(value)))
    console.print(Text(humanize_code(built.act.name).capitalize(), style="bold"))
    console.print(rows)
    for note in built.notes:
        console.print(Text(printable(note)))
    return ask()


def other_holder(state: ComplaintState, act: Act) -> str | None:
    """Say that somebody else holds the complaint at which a member of staff acts."""
    if act.requires in NOT_BY_STAFF or state.holder in (None, act.by):
        return None
    return f"{state.holder} holds {state.reference}, not {act.by}."


def _complaint(state: ComplaintState) -> Iterator[str]:
    complainant, case = state.form.complainant, state.form.case
    yield f"{state.reference}: {complainant.name}, {humanize_code(complainant.capacity)}, case {case.reference}"
    held = f"held by {state.holder}" if state.holder else "held by nobody"
    yield f"{state.tier_title}: {humanize_code(state.status)}, {held}"


def _fields(act: Act, dates: LocalDates) -> Iterator[tuple[str, str]]:
    yield "by", act.by
    for name, field in type(act).model_fields.items():
        value = getattr(act, name)
        if name not in ("id", "by", "made_at") and value != field.default:
            yield humanize_code(name), "\n".join(_lines(value, dates))


def _lines(value: Any, dates: LocalDates) -> Iterator[str]:
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, datetime):
        yield dates.format(value)
    elif isinstance(value, date):
        yield format_date(value)
    elif isinstance(value, StrEnum):
        yield humanize_code(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from _lines(each, dates)
    elif isinstance(value, Policy):
        yield value.name
    elif isinstance(value, WorkingCalendar):
        yield value.version
    elif isinstance(value, BaseModel) and type(value).__str__ is BaseModel.__str__:
        fields = [(name, each) for name, each in value if each not in (None, ())]
        yield "; ".join(f"{humanize_code(name)}: {' '.join(_lines(each, dates))}" for name, each in fields)
    else:
        text = str(value)
        yield text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text):,} characters)"


def _effects(prospect: Prospect) -> Iterator[tuple[str, str]]:
    """List what the act would send and change."""
    before, after = prospect.preview.before, prospect.preview.after
    if prospect.preview.refusal:
        yield "refused", prospect.preview.refusal.sentence
    for letter in prospect.letters:
        yield "letter", "\n".join(_letter_lines(letter))
    if not prospect.letters:
        yield "letter", "none goes to the complainant"
    for change in prospect.preview.changes:
        yield change.of, _moved(change)
    for undertaking in after.undertakings[len(before.undertakings) :]:
        yield f"undertaking {undertaking.number}", f"{undertaking.what}, by {format_date(undertaking.by)}"
    if after.holder != before.holder:
        yield "holder", after.holder or "nobody"
    if after.status != before.status or after.tier_id != before.tier_id:
        closing = f": {humanize_code(after.closing.reason)}" if after.closing else ""
        yield "then", f"{after.tier_title}, {humanize_code(after.status)}{closing}"


def _letter_lines(letter: LetterPreview) -> Iterator[str]:
    yield f"by {letter.channel} to {letter.to}"
    if letter.letter:
        yield f"“{letter.letter.subject}”"
    elif letter.problem:
        yield f"{humanize_code(letter.occasion)}; it cannot be shown: {letter.problem}"


def _moved(change: DateChange) -> str:
    days = [format_date(day) if day else "none" for day in (change.from_on, change.to_on)]
    lapse = ", lapses" if change.is_late and not change.was_late else ""
    saved = ", no longer late" if change.was_late and not change.is_late else ""
    return f"{' → '.join(dict.fromkeys(days))}{lapse}{saved}"


def print_preview(built: BuiltAct, prospect: Prospect, *, as_json: bool) -> None:
    """Print the letters as the complainant will read them, and the other effects."""
    if as_json:
        print_json(_as_dict(built, prospect))
        return
    preview = prospect.preview
    for line in filter(None, [other_holder(preview.before, built.act), *_complaint(preview.before), *built.notes]):
        out.print(Text(printable(line), style="dim"))
    for letter in prospect.letters:
        out.print(Text(f"\n{printable(f'By {letter.channel} to {letter.to}')}", style="bold"))
        out.print(Text("\n".join(map(printable, _as_read(letter)))))
    effects = [(label, value) for label, value in _effects(prospect) if label != "letter" or not prospect.letters]
    for label, value in effects:
        out.print(Text(printable(f"{label}: {value}"), style="dim"))
    out.print("This is a preview: nothing has been sent or recorded.")


def _as_read(letter: LetterPreview) -> Iterable[str]:
    if letter.letter is None:
        return [f"The letter cannot be shown: {letter.problem}"]
    composed = letter.letter
    head = [f"Subject: {composed.subject}", f"Date: {format_long_date(composed.sent_on)}", ""]
    return [*head, render_text(composed).rstrip()]


def _as_dict(built: BuiltAct, prospect: Prospect) -> dict[str, Any]:
    preview = prospect.preview
    return {
        "reference": preview.before.reference,
        "act": built.act.name,
        "refused": preview.refusal.sentence if preview.refusal else None,
        "code": preview.refusal.code if preview.refusal else None,
        "letters": [
            {
                "occasion": letter.occasion,
                "channel": letter.channel,
                "to": letter.to,
                "subject": letter.letter.subject if letter.letter else None,
                "text": render_text(letter.letter) if letter.letter else None,
            }
            for letter in prospect.letters
        ],
        "changes": [change.model_dump(mode="json") for change in preview.changes],
        "status": preview.after.status,
        "tier": preview.after.tier_id,
        "notes": list(built.notes),
    }
