"""`recalendar`: counts the dates of all open complaints afresh, by the calendar in force."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag

app = typer.Typer()

DRY_RUN = "dry-run"
"""Who would have made the change that is only looked at."""


@app.command("recalendar", epilog="Example: complaints recalendar --as op --dry-run", rich_help_panel=Panel.CALENDAR)
def recalendar(
    by: ActorOption = None,
    dry_run: Annotated[bool, flag("Only show what would change.", "--dry-run")] = False,
    json: Json = False,
) -> None:
    """Count every open date afresh, after a holiday was announced late; each complaint once.

    The work is Temporal's: it goes on when this command is stopped. Given again, it shows how far it is.
    """
    from admin.calendar.recalendar import print_preview, redate
    from admin.shared.connections import Connections, run

    errors = id_errors("--as", STAFF_ID, by) if by else [] if dry_run else ["--as: is needed"]
    if errors:
        raise bad_input(*errors)
    reach = Connections(CommandContext.read())
    if dry_run:
        run(print_preview(reach, by or DRY_RUN, as_json=json))
    else:
        assert by, "it was looked at above"
        run(redate(reach, by, as_json=json))
