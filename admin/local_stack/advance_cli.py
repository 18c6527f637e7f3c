"""`advance`: moves one complaint's virtual clock, on the local stack."""

from datetime import datetime
from typing import Annotated

import typer

from admin.shared.context import CommandContext, reference_errors
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, Ref, flag
from admin.shared.output import out, print_json

app = typer.Typer()

MOST_DAYS = 3_650


@app.command("advance", epilog="Example: complaints advance C-1001 --to-next-due", rich_help_panel=Panel.TRYING)
def advance_(
    ref: Ref,
    days: Annotated[str | None, typer.Option(metavar="N", help=f"By so many days, at most {MOST_DAYS:,}.")] = None,
    to_next_due: Annotated[bool, flag("To the next instant at which anything is due.", "--to-next-due")] = False,
    json: Json = False,
) -> None:
    """Move one complaint's clock, on the local stack (make up), to try a deadline."""
    errors = reference_errors(ref)
    if (days is None) != to_next_due:
        errors.append("--days: give either --days or --to-next-due")
    elif days is not None and not (days.isdecimal() and 1 <= int(days) <= MOST_DAYS):
        errors.append(f"--days: give a whole number from 1 to {MOST_DAYS}")
    if errors:
        raise bad_input(*errors)
    from admin.local_stack.advance import move
    from admin.shared.connections import Connections, run

    reached: datetime = run(move(Connections(CommandContext.read()), ref, int(days) if days else None))
    if json:
        print_json({"reference": ref, "now": f"{reached:%Y-%m-%dT%H:%M:%SZ}"})
    else:
        out.print(f"{ref}: it is now {reached:%Y-%m-%d %H:%M}Z")
