"""`letters`: whether letters and alerts have gone; `letters retry`: send one that was held."""

from typing import Annotated

import typer

from admin.shared.context import CommandContext, reference_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag, option
from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
from complaints.procedure.enums import Channel

IN_ONE_TABLE = 500

app = typer.Typer()
letters = typer.Typer(invoke_without_command=True)


@letters.callback(epilog="Example: complaints letters --held")
def list_(
    context: typer.Context,
    of: Annotated[str | None, option("REF", "Only those of this complaint.")] = None,
    waiting: Annotated[bool, flag("Only those still to go.", "--waiting")] = False,
    held: Annotated[bool, flag("Only those that somebody must put right.", "--held")] = False,
    sent: Annotated[bool, flag("Only those that have gone.", "--sent")] = False,
    json: Json = False,
) -> None:
    """List letters and alerts, longest owed first; or send one again: letters retry ID."""
    if context.invoked_subcommand:
        return
    from admin.letters.actions import print_deliveries
    from admin.shared.connections import Connections, run

    errors = reference_errors(of) if of else []
    if waiting + held + sent > 1:
        errors.append("--waiting, --held, --sent: give one of them")
    if errors:
        raise bad_input(*(mistake.replace("REF:", "--of:", 1) for mistake in errors))
    fate = DeliveryStatus.WAITING if waiting else DeliveryStatus.HELD if held else DeliveryStatus.SENT if sent else None
    run(print_deliveries(Connections(CommandContext.read()), of, fate, as_json=json))


@letters.command("retry", epilog="Example: complaints letters retry C-1001.7.complainant --channel post")
def retry(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As `complaints letters` shows them.")],
    channel: Annotated[Channel | None, option("CHANNEL", "Letters only: leave by this channel instead.")] = None,
    json: Json = False,
) -> None:
    """Send what was held, once what kept it has been put right; or a letter by another channel."""
    from admin.letters.actions import send_again
    from admin.shared.connections import Connections, run

    keys, errors = [], []
    for written in ids:
        try:
            keys.append(MessageKey.read(written))
        except ValueError as error:
            errors.append(f"{written}: {error}")
    if channel:
        errors += [f"{key}: --channel is for letters to the complainant" for key in keys if key.to != COMPLAINANT]
    if errors:
        raise bad_input(*errors)
    run(send_again(Connections(CommandContext.read()), keys, channel, as_json=json))


app.add_typer(letters, name="letters", rich_help_panel=Panel.LOOKING)
