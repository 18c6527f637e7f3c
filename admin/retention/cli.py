"""`retention`: what has been kept long enough, keeping it longer, anonymising it; `erase`: one complaint, at once."""

from typing import Annotated

import typer

from admin.shared.actor import As, mistakes_in_actor
from admin.shared.context import Surroundings, mistakes_in_reference
from admin.shared.dates import read_day
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, Reason, Ref, needed, option

app = typer.Typer()
retention = typer.Typer(invoke_without_command=True)


@retention.callback(epilog="Example: complaints retention")
def list_(
    context: typer.Context,
    on: Annotated[str | None, option("DATE", "As it will be on that day; else today.")] = None,
    json: Json = False,
) -> None:
    """List closed complaints that have been kept for as long as the policy says. Nothing is changed."""
    if context.invoked_subcommand:
        return
    from admin.retention.actions import print_expired
    from admin.shared.connections import Reach, run

    surroundings = Surroundings.read()
    day = read_day("--on", on) if on else None
    run(print_expired(Reach(surroundings), surroundings.policy(), day, as_json=json))


@retention.command("run", epilog="Example: complaints retention run --as lead.manager")
def run_(by: As = None, json: Json = False) -> None:
    """Anonymise now what is due to be; the worker does it, also when this is stopped. Every figure stays."""
    from admin.retention.actions import anonymise_all
    from admin.shared.connections import Reach, run

    if mistakes := mistakes_in_actor(by):
        raise bad_input(*mistakes)
    run(anonymise_all(Reach(Surroundings.read()), by or "", as_json=json))


@retention.command("hold", epilog='Example: complaints retention hold C-1001 --until 2033-01-01 --reason "A claim."')
def hold(
    ref: Ref,
    until: Annotated[str | None, needed("DATE", "The last day on which it is kept as it is.")] = None,
    reason: Reason = None,
    by: As = None,
    json: Json = False,
) -> None:
    """Keep a complaint longer than the policy says."""
    from admin.retention.actions import keep_longer
    from admin.shared.connections import Reach, run

    mistakes = _mistakes(ref, reason, by)
    if until is None:
        mistakes.append("--until: is needed")
    if mistakes:
        raise bad_input(*mistakes)
    day = read_day("--until", until or "")
    run(keep_longer(Reach(Surroundings.read()), ref, day, by or "", reason or "", as_json=json))


app.add_typer(retention, name="retention", rich_help_panel=Panel.KEEPING)


@app.command(
    "erase", epilog='Example: complaints erase C-1001 --reason "She asked us to."', rich_help_panel=Panel.KEEPING
)
def erase(ref: Ref, reason: Reason = None, by: As = None, json: Json = False) -> None:
    """Erase a closed complaint: people's data, its letters, and all that Temporal has of it. The statistics stay."""
    from admin.retention.actions import erase_one
    from admin.shared.connections import Reach, run

    if mistakes := _mistakes(ref, reason, by):
        raise bad_input(*mistakes)
    run(erase_one(Reach(Surroundings.read()), ref, by or "", reason or "", as_json=json))


def _mistakes(ref: str, reason: str | None, by: str | None) -> list[str]:
    needed = [] if (reason or "").strip() else ["--reason: is needed"]
    return [*mistakes_in_reference(ref), *needed, *mistakes_in_actor(by)]
