"""Show what an act would do, and ask before it is sent; or print its letters."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from admin.acts.build import BuiltAct
from admin.shared.ask import ask, screen
from admin.shared.local_dates import LocalDates
from admin.shared.output import humanize_code, out, print_json, printable
from complaints.letters.text import render_text
from complaints.procedure.dates.date_format import format_long_date
from starter.service.describe_act import (
    contact_changes,
    describe_act,
    describe_complaint,
    describe_effects,
    other_holder,
)
from starter.service.prospect import LetterPreview, Prospect


def confirm(built: BuiltAct, prospect: Prospect | None, dates: LocalDates) -> bool:
    """Show the act and its effects on standard error; return the answer to the question."""
    console = screen()
    before = prospect.preview.before if prospect else None
    if before:
        if warning := other_holder(before, built.act):
            console.print(Text(printable(warning), style="bold yellow"))
        for line in describe_complaint(before):
            console.print(Text(printable(line)))
    else:
        console.print("The record does not have the complaint, or is unavailable: its effects are not known.")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for label, value in [
        *describe_act(built.act, dates.zone, before),
        *(describe_effects(prospect) if prospect else []),
    ]:
        rows.add_row(Text(f"  {label}"), Text(printable(value)))
    console.print(Text(humanize_code(built.act.name).capitalize(), style="bold"))
    console.print(rows)
    for note in built.notes:
        console.print(Text(printable(note)))
    return ask()


def print_preview(built: BuiltAct, prospect: Prospect, *, as_json: bool) -> None:
    """Print the letters as the complainant will read them, and the other effects."""
    if as_json:
        print_json(_as_dict(built, prospect))
        return
    preview = prospect.preview
    warning = other_holder(preview.before, built.act)
    for line in [*([warning] if warning else []), *describe_complaint(preview.before), *built.notes]:
        out.print(Text(printable(line), style="dim"))
    for letter in prospect.letters:
        out.print(Text(f"\n{printable(f'By {letter.channel} to {letter.to}')}", style="bold"))
        out.print(Text("\n".join(map(printable, _as_read(letter)))))
    for label, value in describe_effects(prospect):
        if label != "letter" or not prospect.letters:
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
        "contact": [{"field": field, "from": was, "to": now} for field, was, now in contact_changes(prospect)],
        "changes": [change.model_dump(mode="json") for change in preview.changes],
        "status": preview.after.status,
        "tier": preview.after.tier_id,
        "needs": list(preview.after.form.complainant.needs.kinds),
        "notes": list(built.notes),
    }
