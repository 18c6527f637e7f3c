"""`calculate`: calculate a due date without a complaint."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.options import Json, Panel, code_option, option
from complaints.calendars.regions import REGION_NAMES, REGIONS

app = typer.Typer()


@app.command(
    "calculate",
    epilog="Example: complaints calculate --from 2026-12-22 --working-days 10",
    rich_help_panel=Panel.LOOKING,
)
def calculate(
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="Day 0: a day, or an instant with its offset.")],
    working_days: Annotated[str | None, option("N", "The allowance in working days; or one of the next four.")] = None,
    calendar_days: Annotated[str | None, option("N", "The allowance in calendar days.")] = None,
    weeks: Annotated[str | None, option("N", "The allowance in weeks.")] = None,
    months: Annotated[str | None, option("N", "The allowance in months.")] = None,
    hours: Annotated[str | None, option("N", "The allowance in hours, from an instant.")] = None,
    roll: Annotated[bool, typer.Option("--roll", help="Roll the last day to the next working day.")] = False,
    region: Annotated[
        str | None,
        code_option("REGION", f"{REGION_NAMES}; else the policy's.", REGIONS),
    ] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Calculate a due date, and show each day counted or skipped, with the reason."""
    numbers = {
        "working_days": working_days,
        "calendar_days": calendar_days,
        "weeks": weeks,
        "months": months,
        "hours": hours,
    }
    from admin.calendar.due_date import print_due_date

    print_due_date(from_, numbers, by, roll=roll, region=region, as_json=json)
