"""`retention`: list, hold and anonymise expired complaints; `erase`: erase one complaint."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption, actor_errors
from admin.shared.ask import ask, nothing_done, stdin_is_terminal
from admin.shared.context import CommandContext, reference_errors
from admin.shared.dates import read_day, read_needed_day
from admin.shared.errors import bad_input
from admin.shared.local_dates import LocalDates
from admin.shared.options import Json, Panel, Reason, Ref, Yes, needed, option
from admin.shared.pager import pager

app = typer.Typer()
retention = typer.Typer(invoke_without_command=True)


@retention.callback(epilog="Example: complaints retention")
def list_(
    typer_context: typer.Context,
    on: Annotated[str | None, option("DATE", "List as of this day; else of today.")] = None,
    json: Json = False,
) -> None:
    """List closed complaints whose retention period has ended. Nothing is changed."""
    if typer_context.invoked_subcommand:
        return
    from admin.retention.actions import print_expired
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors: list[str] = []
    day = read_day(LocalDates.of(context.policy()), "--on", on, errors)
    if errors:
        raise bad_input(*errors)
    with pager():
        run(print_expired(Connections(context), context.policy(), day, as_json=json))


@retention.command("run", epilog="Example: complaints retention run --as lead.manager")
def run_(by: ActorOption = None, json: Json = False) -> None:
    """Anonymise now every complaint that is due for it. Statistics stay.

    The worker does it: it goes on when this command is stopped.
    """
    from admin.retention.actions import anonymise_all
    from admin.shared.connections import Connections, run

    if errors := actor_errors(by):
        raise bad_input(*errors)
    run(anonymise_all(Connections(CommandContext.read()), by or "", as_json=json))


@retention.command("hold", epilog='Example: complaints retention hold C-1001 --until 2033-01-01 --reason "A claim."')
def hold(
    ref: Ref,
    until: Annotated[str | None, needed("DATE", "The last day of the hold.")] = None,
    reason: Reason = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Hold a complaint: keep it unchanged for longer than the policy says."""
    from admin.retention.actions import keep_longer
    from admin.shared.connections import Connections, run

    errors = _errors(ref, reason, by)
    context = CommandContext.read()
    day = read_needed_day(LocalDates.of(context.policy()), "--until", until, errors)
    if errors or day is None:
        raise bad_input(*errors)
    run(keep_longer(Connections(context), ref, day, by or "", reason or "", as_json=json))


app.add_typer(retention, name="retention", rich_help_panel=Panel.KEEPING)


@app.command(
    "erase", epilog='Example: complaints erase C-1001 --reason "She asked us to."', rich_help_panel=Panel.KEEPING
)
def erase(ref: Ref, reason: Reason = None, by: ActorOption = None, json: Json = False, yes: Yes = False) -> None:
    """Erase a closed complaint: personal data, letters and workflow runs. Statistics stay."""
    from admin.retention.actions import describe_erasure, erase_one
    from admin.shared.connections import Connections, run

    if errors := _errors(ref, reason, by):
        raise bad_input(*errors)
    connections = Connections(CommandContext.read())
    if stdin_is_terminal() and not yes and not ask(run(describe_erasure(connections, ref))):
        raise nothing_done()
    run(erase_one(connections, ref, by or "", reason or "", as_json=json))


def _errors(ref: str, reason: str | None, by: str | None) -> list[str]:
    needed = [] if (reason or "").strip() else ["--reason: is needed"]
    return [*reference_errors(ref), *needed, *actor_errors(by)]
