"""`systems`: those that call the intake service, their keys, and what they were refused."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from admin.shared.actor import KeyedByOption, keyed_by
from admin.shared.context import CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, needed, option
from complaints.api_keys import Scope, SystemName

NAME = TypeAdapter(SystemName)
LONGEST_OVERLAP = 720
"""Hours."""

app = typer.Typer()
systems = typer.Typer(
    no_args_is_help=True,
    help="Systems that call the intake service, and their keys.",
    epilog="Example: complaints systems list",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The system's: the actor of all that it says.")]


@systems.command("add", epilog="Example: complaints systems add portal --scope open --scope read")
def add(
    name: Name,
    scope: Annotated[list[str] | None, needed("SCOPE", f"{', '.join(Scope)}; may be repeated.", "--scope")] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Add a system. Prints its key, this once."""
    errors = id_errors("NAME", NAME, name)
    errors += [f"--scope: give {', '.join(Scope)}, not {given}" for given in scope or [] if given not in set(Scope)]
    if not scope:
        errors.append("--scope: is needed")
    if Scope.FINDINGS in (scope or []) and Scope.READ not in (scope or []):
        errors.append("--scope: findings goes with read")
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import add_system

    scopes = [Scope(given) for given in scope or []]
    run(add_system(Connections(CommandContext.read()), name, scopes, keyed_by(by), as_json=json))


@systems.command("list", epilog="Example: complaints systems list")
def list_(json: Json = False) -> None:
    """List all systems: what each may do, its keys, and when they were last used."""
    from admin.shared.connections import Connections, run
    from admin.systems.actions import list_systems

    run(list_systems(Connections(CommandContext.read()), as_json=json))


@systems.command("rotate", epilog="Example: complaints systems rotate portal --overlap 0")
def rotate(
    name: Name,
    overlap: Annotated[str, option("HOURS", "How long the old key holds on; 24 if left out, 0: not at all.")] = "24",
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Give a system a new key. Prints it, this once."""
    errors = id_errors("NAME", NAME, name)
    if not (overlap.isascii() and overlap.isdecimal() and int(overlap) <= LONGEST_OVERLAP):
        errors.append(f"--overlap: give a number of hours from 0 to {LONGEST_OVERLAP}")
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import rotate_key

    run(rotate_key(Connections(CommandContext.read()), name, int(overlap), keyed_by(by), as_json=json))


@systems.command("revoke", epilog="Example: complaints systems revoke portal")
def revoke(name: Name, by: KeyedByOption = None, json: Json = False) -> None:
    """End a system's rights, for good. For a stolen key there is: systems rotate NAME --overlap 0."""
    if errors := id_errors("NAME", NAME, name):
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import revoke_system

    run(revoke_system(Connections(CommandContext.read()), name, keyed_by(by), as_json=json))


@systems.command("refusals", epilog="Example: complaints systems refusals --days 30")
def refusals(
    days: Annotated[str, option("DAYS", "Of so many days, today included; 7 if left out.")] = "7", json: Json = False
) -> None:
    """Show which requests were refused for want of a right, by day."""
    if not (days.isascii() and days.isdecimal() and 0 < int(days) < 10_000):
        raise bad_input("--days: give a number of days from 1")
    from admin.shared.connections import Connections, run
    from admin.systems.actions import list_refusals

    run(list_refusals(Connections(CommandContext.read()), int(days), as_json=json))


app.add_typer(systems, name="systems", rich_help_panel=Panel.SYSTEMS)
