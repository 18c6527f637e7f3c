"""`advance`: move one complaint's virtual clock, on the local stack."""

from typing import Annotated

import typer

from admin.local_stack.context import CommandContext
from admin.shared.errors import bad_input
from admin.shared.identifiers import reference_errors
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, Ref, flag, option
from admin.shared.output import out, print_json
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_instant

app = typer.Typer()

MAX_DAYS = 3_650


@app.command("advance", epilog="Example: complaints advance C-1001 --to-next-due", rich_help_panel=Panel.TRYING)
def advance_(
    ref: Ref,
    days: Annotated[str | None, option("N", f"Move it by N days, at most {MAX_DAYS:,}.")] = None,
    to_next_due: Annotated[bool, flag("Move it to the next due instant.", "--to-next-due")] = False,
    json: Json = False,
) -> None:
    """Move one complaint's clock forward, on the local stack (make up), to try a deadline."""
    errors = reference_errors(ref)
    if (days is None) != to_next_due:
        errors.append("--days: give either --days or --to-next-due")
    day_count = read_number("--days", days, errors, 1, MAX_DAYS)
    if errors:
        raise bad_input(*errors)
    from admin.local_stack.advance import move_clock
    from admin.local_stack.connections import Connections, run

    context = CommandContext.read()
    reached = run(move_clock(Connections(context), ref, day_count))
    if json:
        print_json({"reference": ref, "now": f"{reached:%Y-%m-%dT%H:%M:%SZ}"})
    else:
        out.print(f"{ref}: it is now {format_instant(reached, zone(context.policy().time_zone))}")
