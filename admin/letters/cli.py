"""`letters`: list letters and alerts; `letters retry`: send them again."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.identifiers import reference_errors
from admin.shared.options import Json, Panel, code_option, flag, option
from admin.shared.pager import pager
from complaints.procedure.enums import Channel

app = typer.Typer()
letters = typer.Typer(invoke_without_command=True)


@letters.callback(epilog="Example: complaints letters --held")
def list_(
    typer_context: typer.Context,
    of: Annotated[str | None, option("REF", "Only letters and alerts of this complaint.")] = None,
    waiting: Annotated[bool, flag("Only waiting ones: not sent yet.", "--waiting")] = False,
    held: Annotated[bool, flag("Only held ones: they cannot be sent until somebody acts.", "--held")] = False,
    sent: Annotated[bool, flag("Only sent ones.", "--sent")] = False,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """List letters and alerts, oldest first. To send one again: letters retry ID."""
    if typer_context.invoked_subcommand:
        return
    from admin.letters.actions import print_deliveries

    errors = reference_errors(of, "--of") if of else []
    if waiting + held + sent > 1:
        errors.append("--waiting, --held, --sent: give only one of them")
    if errors:
        raise bad_input(*errors)
    status = "waiting" if waiting else "held" if held else "sent" if sent else None
    with pager():
        print_deliveries(of, status, by, as_json=json)


@letters.command("retry", epilog="Example: complaints letters retry C-1001.7.complainant --channel post")
def retry(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids from complaints letters.")],
    channel: Annotated[
        str | None, code_option("email|post", "Send the letters by this channel instead.", Channel)
    ] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Send held letters and alerts again, or a letter by another channel."""
    from admin.letters.actions import send_again

    send_again(ids, channel, by, as_json=json)


app.add_typer(letters, name="letters", rich_help_panel=Panel.LOOKING)
