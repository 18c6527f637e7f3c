"""`recalendar`: recalculate the dates of open complaints by the calendar in force."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag
from admin.shared.pager import pager

app = typer.Typer()

DRY_RUN = "dry-run"
"""The actor of a preview, where --as is left out."""


@app.command("recalendar", epilog="Example: complaints recalendar --as op --dry-run", rich_help_panel=Panel.CALENDAR)
def recalendar(
    by: ActorOption = None,
    dry_run: Annotated[bool, flag("Only show what would change.", "--dry-run")] = False,
    progress: Annotated[bool, flag("Only show how far the last run is.", "--progress")] = False,
    json: Json = False,
) -> None:
    """Recalculate every open date after a holiday was announced late (R14).

    A workflow does it: it goes on when this command is stopped. Repeat the command to see its progress. Complaints
    without a date that changes get the calendar after that, in the background.
    """
    from admin.calendar.recalendar import print_preview, print_progress, recalculate_all
    from admin.shared.connections import Connections, run

    errors = id_errors("--as", STAFF_ID, by) if by else [] if dry_run or progress else ["--as: is needed"]
    if dry_run and progress:
        errors.append("--dry-run, --progress: give one of them")
    if errors:
        raise bad_input(*errors)
    connections = Connections(CommandContext.read())
    if progress:
        run(print_progress(connections, as_json=json))
    elif dry_run:
        with pager():
            run(print_preview(connections, by or DRY_RUN, as_json=json))
    else:
        assert by, "--as was checked above"
        run(recalculate_all(connections, by, as_json=json))
