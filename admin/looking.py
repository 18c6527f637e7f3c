"""`show`, `explain`, `list`: where complaints stand."""

from datetime import datetime, time
from typing import Annotated

import typer
from temporalio.service import RPCError

from admin.exits import bad_input
from admin.instants import read_day_or_instant
from admin.options import Json, Ref
from admin.printing import out, print_json, print_ledger, print_view, print_views
from admin.reach import Reach, answered, handle_of, run
from admin.sending import not_running
from complaints.procedure.calendar import zone
from complaints.procedure.complaint import Complaint
from complaints.procedure.terms import Status
from complaints.procedure.view import ComplaintStory, ComplaintView, LedgerView, ledgers_of
from complaints.records import reading
from complaints.snapshots import load_policy
from workflows import names

app = typer.Typer()

HINT = "see that a worker runs"


@app.command(epilog="Example: complaints show C-1001")
def show(ref: Ref, json: Json = False) -> None:
    """Show where a complaint stands, and how it came there."""
    story = run(story_now(Reach.read(), ref))
    if json:
        print_json(story)
    else:
        print_view(story)


@app.command(epilog="Example: complaints explain C-1001")
def explain(ref: Ref, json: Json = False) -> None:
    """Show why each deadline is when it is: the days counted, the days skipped and why."""
    ledgers = run(_ledgers(Reach.read(), ref))
    if json:
        print_json(ledgers)
        return
    for ledger in ledgers:
        print_ledger(ledger)
    if not ledgers:
        out.print("No deadline has been set.")


@app.command("list", epilog="Example: complaints list --tier manager --overdue")
def list_(
    tier: Annotated[str | None, typer.Option(metavar="TIER", help="Only those at this tier.")] = None,
    status: Annotated[str | None, typer.Option(metavar="STATUS", help="Only those of this status.")] = None,
    overdue: Annotated[bool | None, typer.Option("--overdue/--not-overdue", help="Only those overdue, or not.")] = None,
    holder: Annotated[str | None, typer.Option(metavar="ID", help="Only those held by this member of staff.")] = None,
    due_before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only those for which something is due before this day or instant."),
    ] = None,
    json: Json = False,
) -> None:
    """List complaints from the record, what is due first on top."""
    reach = Reach.read()
    if status and status not in set(Status):
        raise bad_input(f"--status: there is no {status}; give one of {', '.join(Status)}")
    before = _due_before(reach, due_before)
    views = run(_views(reach, tier, Status(status) if status else None, overdue, holder, before))
    if json:
        print_json(views)
    elif not print_views(views):
        out.print("There is none.")


async def story_now(reach: Reach, reference: str) -> ComplaintStory:
    client = await reach.temporal()
    query = handle_of(client, reference).query(names.STATE_QUERY, result_type=ComplaintStory)
    try:
        return await answered(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            story = await reading.story(engine, reference)
        if story is None:
            raise await not_running(reach, client, reference) from error
        return story


async def _ledgers(reach: Reach, reference: str) -> list[LedgerView]:
    client = await reach.temporal()
    query = handle_of(client, reference).query(names.EXPLAIN_QUERY, result_type=list[LedgerView])
    try:
        return await answered(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            state = await reading.state(engine, reference)
        if state is None:
            raise await not_running(reach, client, reference) from error
        return ledgers_of(Complaint(state))


async def _views(
    reach: Reach,
    tier: str | None,
    status: Status | None,
    overdue: bool | None,
    holder: str | None,
    due_before: datetime | None,
) -> list[ComplaintView]:
    async with reach.record() as engine:
        return [
            view
            async for view in reading.views(
                engine, tier=tier, status=status, overdue=overdue, holder=holder, due_before=due_before
            )
        ]


def _due_before(reach: Reach, given: str | None) -> datetime | None:
    """An instant, or the start of a day in the policy's time zone."""
    if given is None:
        return None
    at = read_day_or_instant("--due-before", given)
    if isinstance(at, datetime):
        return at
    return datetime.combine(at, time.min, zone(load_policy(reach.settings.policy).time_zone))
