"""`mail`: list and show the mail that the local stack has caught."""

from pathlib import Path
from typing import Annotated

import typer

from admin.local_stack.context import CommandContext
from admin.shared.errors import bad_input, unreachable
from admin.shared.json_stream import print_json_array
from admin.shared.options import Json, Panel
from admin.shared.output import instant, out, print_json, printable
from admin.shared.pager import pager
from admin.shared.records import print_records
from complaints.channels.local_mailbox import StoredEmail, read_mailbox
from complaints.procedure.dates.calendar import zone

app = typer.Typer()


@app.command("mail", epilog="Example: complaints mail 3", rich_help_panel=Panel.TRYING)
def mail(
    number: Annotated[
        str | None, typer.Argument(metavar="[N]", help="The message to show; else all are listed.")
    ] = None,
    json: Json = False,
) -> None:
    """List the mail that the local stack (make up) has caught, or show one message."""
    kept = read_mailbox(_folder())
    with pager():
        if number is not None:
            _show(_chosen(kept, number), as_json=json)
        elif json:
            print_json_array(kept)
        else:
            _list(kept)


def _folder() -> Path:
    """Return the folder of caught mail. Raises CommandError while no local stack runs."""
    folder = CommandContext.read().settings.local_mail
    if folder is None:
        raise unreachable("no local stack runs; start it with: make up")
    return folder


def _chosen(kept: list[StoredEmail], number: str) -> StoredEmail:
    """Return the message with this number, or raise CommandError."""
    for message in kept:
        if str(message.number) == number:
            return message
    advice = f"the last is {kept[-1].number}" if kept else "no mail has come yet"
    raise bad_input(f"N: there is no message {number}; {advice}")


def _list(kept: list[StoredEmail]) -> None:
    if not kept:
        out.print("There is none.")
        return
    rows = ((str(message.number), _when(message), message.to, message.subject) for message in kept)
    print_records("", ["N", "when", "to", "subject"], rows)


def _show(message: StoredEmail, *, as_json: bool) -> None:
    if as_json:
        print_json(message)
        return
    headers = {"From": message.sender, "To": message.to, "Date": _when(message), "Subject": message.subject}
    for name, value in headers.items():
        out.print(printable(f"{name}: {value}"), soft_wrap=True)
    out.print()
    out.print(printable(message.text), soft_wrap=True)


def _when(message: StoredEmail) -> str:
    return instant(message.at, zone(CommandContext.read().policy().time_zone))
