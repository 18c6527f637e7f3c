"""Show what an act would do, and ask before it is sent; or print its letters."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from admin.shared.ask import ask, screen
from admin.shared.output import humanize_code, out, print_json, printable
from complaints.procedure.dates.date_format import format_long_date

Preview = Mapping[str, Any]
"""What the act would do, as the service previews it."""
LETTER_KEYS = ("occasion", "channel", "to", "subject", "text")


def confirm(act: str, preview: Preview | None, notes: Sequence[str]) -> bool:
    """Show the act and its effects on standard error; return the answer to the question."""
    console = screen()
    if preview:
        if preview["warning"]:
            console.print(Text(printable(preview["warning"]), style="bold yellow"))
        for line in preview["complaint"]:
            console.print(Text(printable(line)))
    else:
        console.print("The record does not have the complaint, or is unavailable: its effects are not known.")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for row in [*preview["fields"], *preview["effects"]] if preview else []:
        rows.add_row(Text(f"  {row['label']}"), Text(printable(row["value"])))
    console.print(Text(humanize_code(act).capitalize(), style="bold"))
    console.print(rows)
    for note in notes:
        console.print(Text(printable(note)))
    return ask()


def print_preview(preview: Preview, notes: Sequence[str], *, as_json: bool) -> None:
    """Print the letters as the complainant will read them, and the other effects."""
    if as_json:
        print_json(_as_dict(preview, notes))
        return
    warning = [preview["warning"]] if preview["warning"] else []
    for line in [*warning, *preview["complaint"], *notes]:
        out.print(Text(printable(line), style="dim"))
    for letter in preview["letters"]:
        heading = f"By {letter['channel']} to {letter['to']}"
        out.print(Text(f"\n{printable(heading)}", style="bold"))
        out.print(Text("\n".join(map(printable, _as_read(letter)))))
    for row in preview["effects"]:
        if row["label"] != "letter" or not preview["letters"]:
            out.print(Text(printable(f"{row['label']}: {row['value']}"), style="dim"))
    out.print("This is a preview: nothing has been sent or recorded.")


def _as_read(letter: Mapping[str, Any]) -> Iterable[str]:
    if letter["text"] is None:
        return [f"The letter cannot be shown: {letter['problem']}"]
    sent_on = format_long_date(date.fromisoformat(letter["sent_on"]))
    return [f"Subject: {letter['subject']}", f"Date: {sent_on}", "", letter["text"].rstrip()]


def _as_dict(preview: Preview, notes: Sequence[str]) -> dict[str, Any]:
    return {
        "reference": preview["reference"],
        "act": preview["act"],
        "refused": preview["refused"],
        "code": preview["code"],
        "letters": [{key: letter[key] for key in LETTER_KEYS} for letter in preview["letters"]],
        **{key: preview[key] for key in ("contact", "changes", "status", "tier", "needs")},
        "notes": list(notes),
    }
