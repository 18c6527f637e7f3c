"""`systems`: callers of the intake service, their keys and denied requests."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from admin.shared.actor import KeyedByOption, keyed_by
from admin.shared.context import CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, Yes, flag, lower_id, needed, option
from admin.shared.pager import pager
from complaints.api_keys import Scope, SystemName
from complaints.formatting.suggestion import unknown_name

NAME = TypeAdapter(SystemName)
DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS = 24, 720
DEFAULT_DAYS, MAX_DAYS = 7, 9_999

app = typer.Typer()
systems = typer.Typer(
    no_args_is_help=True,
    help="Systems that call the intake service, and their keys.",
    epilog="Example: complaints systems list",
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", callback=lower_id, help="The system's name, also as the actor of its acts.")
]


@systems.command("add", epilog="Example: complaints systems add portal --scope open --scope read")
def add(
    name: Name,
    scope: Annotated[
        list[str] | None, needed("SCOPE", f"A right: {', '.join(Scope)}; may be repeated.", "--scope")
    ] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Add a system and print its key, which is shown only once."""
    errors = id_errors("NAME", NAME, name)
    errors += [f"--scope: {unknown_name(text, Scope)}" for text in scope or [] if text not in set(Scope)]
    if not scope:
        errors.append("--scope: is needed")
    if Scope.FINDINGS in (scope or []) and Scope.READ not in (scope or []):
        errors.append("--scope: findings goes with read only; add --scope read")
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import add_system

    scopes = [Scope(text) for text in scope or []]
    run(add_system(Connections(CommandContext.read()), name, scopes, keyed_by(by), as_json=json))


@systems.command("list", epilog="Example: complaints systems list")
def list_(json: Json = False) -> None:
    """List all systems with their scopes, and their keys with the time of last use."""
    from admin.shared.connections import Connections, run
    from admin.systems.actions import list_systems

    with pager():
        run(list_systems(Connections(CommandContext.read()), as_json=json))


@systems.command("rotate", epilog="Example: complaints systems rotate portal --overlap 0")
def rotate(
    name: Name,
    overlap: Annotated[
        str | None,
        option("HOURS", f"How long the old key stays valid, 0 to end it at once; else {DEFAULT_OVERLAP_HOURS}."),
    ] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Give a system a new key and print it. It is shown only once."""
    errors = id_errors("NAME", NAME, name)
    hours = read_number("--overlap", overlap, errors, 0, MAX_OVERLAP_HOURS)
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import rotate_key

    hours = DEFAULT_OVERLAP_HOURS if hours is None else hours
    run(rotate_key(Connections(CommandContext.read()), name, hours, keyed_by(by), as_json=json))


@systems.command("revoke", epilog="Example: complaints systems revoke portal")
def revoke(name: Name, by: KeyedByOption = None, json: Json = False) -> None:
    """Revoke a system for good.

    To replace a stolen key instead: complaints systems rotate NAME --overlap 0
    """
    if errors := id_errors("NAME", NAME, name):
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import revoke_system

    run(revoke_system(Connections(CommandContext.read()), name, keyed_by(by), as_json=json))


@systems.command("confirm", epilog="Example: complaints systems confirm portal")
def confirm(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Which to confirm; else all are shown.")
    ] = None,
    everybody: Annotated[bool, flag("Confirm all systems.", "--all")] = False,
    by: KeyedByOption = None,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Confirm systems and their keys after a restore of the record. Until then they are refused.

    See docs/restores.md.
    """
    from admin.restores.confirm_access import confirm_access
    from admin.shared.connections import Connections

    connections = Connections(CommandContext.read())
    confirm_access(connections, "system", names or [], keyed_by(by), everybody=everybody, yes=yes, as_json=json)


@systems.command("refusals", epilog="Example: complaints systems refusals --days 30")
def refusals(
    days: Annotated[str | None, option("DAYS", f"How many days, today included; else {DEFAULT_DAYS}.")] = None,
    json: Json = False,
) -> None:
    """List denied requests by day, with the system and the reason."""
    errors: list[str] = []
    day_count = read_number("--days", days, errors, 1, MAX_DAYS)
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.systems.actions import list_refusals

    with pager():
        run(list_refusals(Connections(CommandContext.read()), day_count or DEFAULT_DAYS, as_json=json))


app.add_typer(systems, name="systems", rich_help_panel=Panel.SYSTEMS)
