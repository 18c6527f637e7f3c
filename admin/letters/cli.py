"""`letters`: whether letters and alerts have gone; `letters retry`: send one that was held."""

from typing import Annotated

import typer

from admin.shared.context import Surroundings, mistakes_in_reference
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag, option
from complaints.messages.key import COMPLAINANT, Fate, Key
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
    from admin.shared.connections import Reach, run

    mistakes = mistakes_in_reference(of) if of else []
    if waiting + held + sent > 1:
        mistakes.append("--waiting, --held, --sent: give one of them")
    if mistakes:
        raise bad_input(*(mistake.replace("REF:", "--of:", 1) for mistake in mistakes))
    fate = Fate.WAITING if waiting else Fate.HELD if held else Fate.SENT if sent else None
    run(print_deliveries(Reach(Surroundings.read()), of, fate, as_json=json))


@letters.command("retry", epilog="Example: complaints letters retry C-1001.7.complainant --channel post")
def retry(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As `complaints letters` shows them.")],
    channel: Annotated[Channel | None, option("CHANNEL", "Letters only: leave by this channel instead.")] = None,
    json: Json = False,
) -> None:
    """Send what was held, once what kept it has been put right; or a letter by another channel."""
    from admin.letters.actions import send_again
    from admin.shared.connections import Reach, run

    keys, mistakes = [], []
    for written in ids:
        try:
            keys.append(Key.read(written))
        except ValueError as error:
            mistakes.append(f"{written}: {error}")
    if channel:
        mistakes += [f"{key}: --channel is for letters to the complainant" for key in keys if key.to != COMPLAINANT]
    if mistakes:
        raise bad_input(*mistakes)
    run(send_again(Reach(Surroundings.read()), keys, channel, as_json=json))


app.add_typer(letters, name="letters", rich_help_panel=Panel.LOOKING)
