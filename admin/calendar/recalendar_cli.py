"""`recalendar`: recalculate the dates of open complaints by the calendar in force."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag
from admin.shared.pager import pager

app = typer.Typer()


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
    if dry_run and progress:
        raise bad_input("--dry-run, --progress: give one of them")
    from admin.calendar.recalendar import print_preview, print_progress, recalculate_all

    if progress:
        print_progress(by, as_json=json)
    elif dry_run:
        with pager():
            print_preview(by, as_json=json)
    else:
        recalculate_all(by, as_json=json)
