"""`audit`: check the record for changes of the past."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.identifiers import reference_errors
from admin.shared.options import Json, Panel, flag

app = typer.Typer()


@app.command("audit", epilog="Example: complaints audit C-1001", rich_help_panel=Panel.KEEPING)
def audit(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help="The complaint; else all.")] = None,
    histories: Annotated[
        bool, flag("Compare every complaint with Temporal's history, as with REF. It takes longer.", "--histories")
    ] = False,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Check that nobody changed, added or took out what was recorded; for auditors.

    It checks chains of events and signed roots, and names the first event that is not as it was recorded. The exit code
    is 1 if there is one.
    """
    from admin.audit.actions import print_audit

    if ref is not None and (errors := reference_errors(ref)):
        raise bad_input(*errors)
    print_audit(ref, by, histories=histories or ref is not None, as_json=json)
