"""`systems`: callers of the intake service, their keys and denied requests."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, lower_id, needed, option
from admin.shared.pager import pager

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
        list[str] | None, needed("SCOPE", "A right: open, read, act, findings or all; may be repeated.", "--scope")
    ] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Add a system and print its key, which is shown only once."""
    from admin.systems.actions import add_system

    add_system(name, scope or [], by, as_json=json)


@systems.command("list", epilog="Example: complaints systems list")
def list_(by: ActorOption = None, json: Json = False) -> None:
    """List all systems with their scopes, and their keys with the time of last use."""
    from admin.systems.actions import list_systems

    with pager():
        list_systems(by, as_json=json)


@systems.command("rotate", epilog="Example: complaints systems rotate portal --overlap 0")
def rotate(
    name: Name,
    overlap: Annotated[
        str | None,
        option("HOURS", f"How long the old key stays valid, 0 to end it at once; else {DEFAULT_OVERLAP_HOURS}."),
    ] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Give a system a new key and print it. It is shown only once."""
    errors: list[str] = []
    hours = read_number("--overlap", overlap, errors, 0, MAX_OVERLAP_HOURS)
    if errors:
        raise bad_input(*errors)
    from admin.systems.actions import rotate_key

    rotate_key(name, DEFAULT_OVERLAP_HOURS if hours is None else hours, by, as_json=json)


@systems.command("revoke", epilog="Example: complaints systems revoke portal")
def revoke(name: Name, by: ActorOption = None, json: Json = False) -> None:
    """Revoke a system for good.

    To replace a stolen key instead: complaints systems rotate NAME --overlap 0
    """
    from admin.systems.actions import revoke_system

    revoke_system(name, by, as_json=json)


@systems.command("refusals", epilog="Example: complaints systems refusals --days 30")
def refusals(
    days: Annotated[str | None, option("DAYS", f"How many days, today included; else {DEFAULT_DAYS}.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """List denied requests by day, with the system and the reason."""
    errors: list[str] = []
    day_count = read_number("--days", days, errors, 1, MAX_DAYS)
    if errors:
        raise bad_input(*errors)
    from admin.systems.actions import list_refusals

    with pager():
        list_refusals(day_count or DEFAULT_DAYS, by, as_json=json)


app.add_typer(systems, name="systems", rich_help_panel=Panel.SYSTEMS)
