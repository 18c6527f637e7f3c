"""`letters`: list letters and alerts; `letters retry`: send them again."""

from typing import Annotated

import typer

from admin.shared.context import CommandContext, reference_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, code_option, flag, option
from admin.shared.pager import pager
from complaints.formatting.suggestion import unknown_name
from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
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
    json: Json = False,
) -> None:
    """List letters and alerts, oldest first. To send one again: letters retry ID."""
    if typer_context.invoked_subcommand:
        return
    from admin.letters.actions import print_deliveries
    from admin.shared.connections import Connections, run

    errors = reference_errors(of, "--of") if of else []
    if waiting + held + sent > 1:
        errors.append("--waiting, --held, --sent: give only one of them")
    if errors:
        raise bad_input(*errors)
    status = (
        DeliveryStatus.WAITING if waiting else DeliveryStatus.HELD if held else DeliveryStatus.SENT if sent else None
    )
    with pager():
        run(print_deliveries(Connections(CommandContext.read()), of, status, as_json=json))


@letters.command("retry", epilog="Example: complaints letters retry C-1001.7.complainant --channel post")
def retry(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids from complaints letters.")],
    channel: Annotated[
        str | None, code_option("email|post", "Send the letters by this channel instead.", Channel)
    ] = None,
    json: Json = False,
) -> None:
    """Send held letters and alerts again, or a letter by another channel."""
    from admin.letters.actions import send_again
    from admin.shared.connections import Connections, run

    keys: list[MessageKey] = []
    errors: list[str] = []
    for text in ids:
        try:
            keys.append(MessageKey.read(text))
        except ValueError as error:
            errors.append(f"ID: {text!r} is not valid; {error}")
    if channel is not None and channel not in set(Channel):
        errors.append(f"--channel: {unknown_name(channel, Channel)}")
    elif channel is not None:
        alerts = [key for key in keys if key.to != COMPLAINANT]
        errors += [f"--channel: {key} is no letter to the complainant; leave it out" for key in alerts]
    if errors:
        raise bad_input(*errors)
    new_channel = Channel(channel) if channel is not None else None
    run(send_again(Connections(CommandContext.read()), keys, new_channel, as_json=json))


app.add_typer(letters, name="letters", rich_help_panel=Panel.LOOKING)
