"""`recalendar`: counts the dates of all open complaints afresh, by the calendar in force."""

from typing import Annotated

import typer

from admin.shared.actor import As
from admin.shared.context import STAFF_ID, Surroundings, mistakes_in_id
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag

app = typer.Typer()

DRY_RUN = "dry-run"
"""Who would have made the change that is only looked at."""


@app.command("recalendar", epilog="Example: complaints recalendar --as op --dry-run", rich_help_panel=Panel.CALENDAR)
def recalendar(
    by: As = None,
    dry_run: Annotated[bool, flag("Only show what would change.", "--dry-run")] = False,
    json: Json = False,
) -> None:
    """Count every open date afresh, after a holiday was announced late; each complaint once.

    The work is Temporal's: it goes on when this command is stopped. Given again, it shows how far it is.
    """
    from admin.calendar.recalendar import print_foreseen, redate
    from admin.shared.connections import Reach, run

    mistakes = mistakes_in_id("--as", STAFF_ID, by) if by else [] if dry_run else ["--as: is needed"]
    if mistakes:
        raise bad_input(*mistakes)
    reach = Reach(Surroundings.read())
    if dry_run:
        run(print_foreseen(reach, by or DRY_RUN, as_json=json))
    else:
        assert by, "it was looked at above"
        run(redate(reach, by, as_json=json))
