"""`retention`: list, hold and anonymise expired complaints; `erase`: erase one complaint."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.options import Json, Panel, Reason, Ref, Yes, needed, option
from admin.shared.pager import pager

app = typer.Typer()
retention = typer.Typer(invoke_without_command=True)


@retention.callback(epilog="Example: complaints retention")
def list_(
    typer_context: typer.Context,
    on: Annotated[str | None, option("DATE", "List as of this day; else of today.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """List closed complaints whose retention period has ended. Nothing is changed."""
    if typer_context.invoked_subcommand:
        return
    from admin.retention.actions import print_expired

    with pager():
        print_expired(on, by, as_json=json)


@retention.command("run", epilog="Example: complaints retention run --as lead.manager")
def run_(by: ActorOption = None, json: Json = False) -> None:
    """Anonymise now every complaint that is due for it. Statistics stay.

    The worker does it: it goes on when this command is stopped.
    """
    from admin.retention.actions import anonymise_all

    anonymise_all(by, as_json=json)


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

    keep_longer(ref, until, by, reason, as_json=json)


app.add_typer(retention, name="retention", rich_help_panel=Panel.KEEPING)


@app.command(
    "erase", epilog='Example: complaints erase C-1001 --reason "She asked us to."', rich_help_panel=Panel.KEEPING
)
def erase(ref: Ref, reason: Reason = None, by: ActorOption = None, json: Json = False, yes: Yes = False) -> None:
    """Erase a closed complaint: personal data, letters and workflow runs. Statistics stay."""
    from admin.retention.actions import erase_one

    erase_one(ref, by, reason, as_json=json, yes=yes)
