"""`advance`: moves one complaint's virtual clock, on the local stack."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from admin.exits import CommandError, Exit, bad_input
from admin.looking import story_now
from admin.options import Json, Ref
from admin.printing import out, print_json
from admin.reach import Reach, run
from complaints.virtual_time import CannotAdvanceError, advance, advance_to

app = typer.Typer()


@app.command("advance", epilog="Example: complaints advance C-1001 --to-next-due")
def advance_(
    ref: Ref,
    days: Annotated[int | None, typer.Option(metavar="N", help="By so many days.", min=1, max=3_650)] = None,
    to_next_due: Annotated[
        bool, typer.Option("--to-next-due", help="To the next instant at which anything is due.")
    ] = False,
    json: Json = False,
) -> None:
    """Move one complaint's clock, on the local stack (make up), to try a deadline."""
    if (days is None) != to_next_due:
        raise bad_input("--days: give either --days or --to-next-due")
    reached = run(_advance(Reach.read(), ref, days))
    if json:
        print_json({"reference": ref, "now": f"{reached:%Y-%m-%dT%H:%M:%SZ}"})
    else:
        out.print(f"{ref}: it is now {reached:%Y-%m-%d %H:%M}Z")


async def _advance(reach: Reach, reference: str, days: int | None) -> datetime:
    story = await story_now(reach, reference)
    client = await reach.temporal()
    try:
        if days:
            return await advance(client, reference, timedelta(days=days))
        if story.next_due_at is None:
            raise CommandError(Exit.REFUSED, f"nothing is due for {reference} by itself")
        return await advance_to(client, reference, story.next_due_at)
    except CannotAdvanceError as error:
        raise CommandError(Exit.REFUSED, str(error)) from error
