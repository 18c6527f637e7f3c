"""`show`, `explain`, `list`: where complaints stand."""

from contextlib import suppress
from datetime import datetime, time
from typing import Annotated

import typer

from admin.lookup.render import history_with_free_text, print_history
from admin.lookup.render_deadlines import print_ledger
from admin.shared.actor import WorklistOwnerOption, acting, actor_errors
from admin.shared.context import STAFF_ID, TIER_ID, CommandContext, id_errors, reference
from admin.shared.dates import read_day_or_instant
from admin.shared.errors import CommandError, bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.options import Json, Panel, Ref, flag, option
from admin.shared.output import out, print_json
from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Status

app = typer.Typer()


@app.command("show", epilog="Example: complaints show C-1001 --words", rich_help_panel=Panel.LOOKING)
def show(
    ref: Ref,
    words: Annotated[bool, flag("Also what people said and wrote, from the record.", "--words")] = False,
    json: Json = False,
) -> None:
    """Show where a complaint stands, and how it came there."""
    from admin.lookup.fetch import history_and_free_text, tombstone_of
    from admin.shared.complaints import fetch_history
    from admin.shared.connections import Connections, run

    connections = Connections(CommandContext.read())
    reference(ref)
    if words:
        history, said = run(history_and_free_text(connections, ref))
    else:
        history, said = run(fetch_history(connections, ref)), {}
    stone = run(tombstone_of(connections, history))
    if json:
        shown = history_with_free_text(history, said) if words else history.model_dump(mode="json")
        print_json(shown | ({"tombstone": stone.model_dump(mode="json")} if stone else {}))
    else:
        print_history(history, said, stone)


@app.command("explain", epilog="Example: complaints explain C-1001 --month", rich_help_panel=Panel.LOOKING)
def explain(
    ref: Ref,
    month: Annotated[bool, flag("Show the days as a calendar, month by month.", "--month")] = False,
    json: Json = False,
) -> None:
    """Show why each deadline is when it is, day by day, what moved it, and how it ended."""
    from admin.lookup.fetch import ledgers_with_reasons
    from admin.shared.connections import Connections, run

    ledgers = run(ledgers_with_reasons(Connections(CommandContext.read()), reference(ref)))
    if json:
        print_json_array(ledgers)
        return
    for ledger in ledgers:
        print_ledger(ledger, as_months=month)
    if not ledgers:
        out.print("No deadline has been set.")


@app.command("list", epilog="Example: complaints list --tier manager --overdue", rich_help_panel=Panel.LOOKING)
def list_(
    tier: Annotated[str | None, option("TIER", "Only those at this tier, such as manager.")] = None,
    status: Annotated[str | None, option("STATUS", f"Only those of this status: {', '.join(Status)}.")] = None,
    overdue: Annotated[bool | None, flag("Only those overdue, or not.", "--overdue/--not-overdue")] = None,
    holder: Annotated[str | None, option("ID", "Only those held by this member of staff.")] = None,
    due_before: Annotated[
        str | None, option("DATE", "Only those for which something is due before this day or instant.")
    ] = None,
    mine: Annotated[bool, flag("What --as is to do, with what comes next and its command.", "--mine")] = False,
    watch: Annotated[bool, flag("With --mine: show it anew again and again, until Ctrl-C.", "--watch")] = False,
    by: WorklistOwnerOption = None,
    json: Json = False,
) -> None:
    """List complaints from the record, what is due first on top."""
    if mine or watch:
        others = {
            "--tier": tier,
            "--status": status,
            "--overdue": overdue,
            "--holder": holder,
            "--due-before": due_before,
        }
        _list_mine(acting(by), [name for name, given in others.items() if given is not None], mine, watch, json)
        return
    from admin.lookup.list import Filters, print_all
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors = id_errors("--tier", TIER_ID, tier) + id_errors("--holder", STAFF_ID, holder)
    if status and status not in set(Status):
        errors.append(f"--status: there is no {status}; give one of {', '.join(Status)}")
    try:
        before = _due_before(context, due_before)
    except CommandError as error:
        errors += error.lines
    if errors:
        raise bad_input(*errors)
    filters = Filters(tier, Status(status) if status else None, overdue, holder, before)
    run(print_all(Connections(context), filters, as_json=json))


def _list_mine(staff: str | None, others: list[str], mine: bool, watch: bool, json: bool) -> None:
    """Raises CommandError."""
    errors = actor_errors(staff) if mine else ["--watch: goes with --mine"]
    errors += [f"{name}: does not go with --mine" for name in others]
    errors += ["--watch: does not go with --json"] if watch and json else []
    if errors:
        raise bad_input(*errors)
    from admin.lookup.worklist import print_worklist, watch_worklist
    from admin.shared.connections import Connections, run

    connections = Connections(CommandContext.read())
    if not watch:
        run(print_worklist(connections, str(staff), as_json=json))
        return
    with suppress(KeyboardInterrupt):
        run(watch_worklist(connections, str(staff)))


def _due_before(context: CommandContext, given: str | None) -> datetime | None:
    """An instant, or the start of a day in the policy's time zone. Raises CommandError."""
    if given is None:
        return None
    at = read_day_or_instant("--due-before", given)
    if isinstance(at, datetime):
        return at
    return datetime.combine(at, time.min, zone(context.policy().time_zone))
