"""`mail`: what the local stack's mail server took, in place of the people it was meant for."""

from pathlib import Path
from typing import Annotated

import typer

from admin.shared.context import CommandContext
from admin.shared.errors import bad_input, unreachable
from admin.shared.json_stream import print_json_array
from admin.shared.options import Json, Panel
from admin.shared.output import out, print_json, printable, table
from complaints.channels.local_mailbox import KeptMail, kept_in

app = typer.Typer()


@app.command("mail", epilog="Example: complaints mail 3", rich_help_panel=Panel.TRYING)
def mail(
    number: Annotated[str | None, typer.Argument(metavar="[N]", help="Show this one; else list all.")] = None,
    json: Json = False,
) -> None:
    """List the mail that the local stack (make up) has taken, or show one."""
    kept = kept_in(_folder())
    if number is not None:
        _show(_chosen(kept, number), as_json=json)
    elif json:
        print_json_array(kept)
    else:
        _list(kept)


def _folder() -> Path:
    """Raises CommandError."""
    folder = CommandContext.read().settings.local_mail
    if folder is None:
        raise unreachable("no local stack runs, whose mail could be shown (make up)")
    return folder


def _chosen(kept: list[KeptMail], number: str) -> KeptMail:
    """Raises CommandError."""
    for message in kept:
        if str(message.number) == number:
            return message
    raise bad_input(f"N: there is no message {number}; {f'the last is {kept[-1].number}' if kept else 'none has come'}")


def _list(kept: list[KeptMail]) -> None:
    if not kept:
        out.print("There is none.")
        return
    rows = ((str(message.number), _when(message), message.to, message.subject) for message in kept)
    out.print(table("", ["N", "when", "to", "subject"], rows))


def _show(message: KeptMail, *, as_json: bool) -> None:
    if as_json:
        print_json(message)
        return
    headers = {"From": message.sender, "To": message.to, "Date": _when(message), "Subject": message.subject}
    for name, value in headers.items():
        out.print(printable(f"{name}: {value}"), soft_wrap=True)
    out.print()
    out.print(printable(message.text), soft_wrap=True)


def _when(message: KeptMail) -> str:
    return f"{message.at:%Y-%m-%d %H:%MZ}" if message.at else ""
