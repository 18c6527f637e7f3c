"""`show`, `explain`, `list`, `find`: complaints, their deadlines and worklists."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer

from admin.lookup.render import history_with_free_text, print_history
from admin.lookup.render_deadlines import print_ledger
from admin.shared.actor import ActorOption, WorklistOwnerOption, actor_errors, actor_name
from admin.shared.context import STAFF_ID, TIER_ID, CommandContext, id_errors, reference_errors
from admin.shared.dates import read_day_or_instant
from admin.shared.errors import bad_input
from admin.shared.json_stream import print_json_array
from admin.shared.local_dates import LocalDates
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, Ref, code_option, flag, option, staff_option
from admin.shared.output import out, print_json
from admin.shared.pager import pager
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.enums import Status

app = typer.Typer()

DEFAULT_FOUND, MAX_LIMIT = 50, 1_000_000


@app.command("show", epilog="Example: complaints show C-1001 --words", rich_help_panel=Panel.LOOKING)
def show(
    ref: Ref,
    words: Annotated[bool, flag("Include who complains, and what people said and wrote.", "--words")] = False,
    json: Json = False,
) -> None:
    """Show a complaint: status, deadlines, and everything that happened."""
    from admin.lookup.fetch import history_and_free_text, tombstone_of
    from admin.shared.complaints import fetch_history
    from admin.shared.connections import Connections, run

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    connections = Connections(CommandContext.read())
    if words:
        history, free_text, form = run(history_and_free_text(connections, ref))
    else:
        history, free_text, form = run(fetch_history(connections, ref)), {}, None
    tombstone = run(tombstone_of(connections, history))
    if json:
        result = (
            history_with_free_text(history, free_text, form)
            if words
            else history.model_dump(mode="json", exclude={"readers"})
        )
        print_json(result | ({"tombstone": tombstone.model_dump(mode="json")} if tombstone else {}))
    else:
        with pager():
            print_history(history, free_text, form, tombstone)


@app.command("explain", epilog="Example: complaints explain C-1001 --month", rich_help_panel=Panel.LOOKING)
def explain(
    ref: Ref,
    month: Annotated[bool, flag("Show the days as a calendar of each month.", "--month")] = False,
    json: Json = False,
) -> None:
    """Explain each deadline: its days counted and skipped, its moves, and how it ended."""
    from admin.lookup.fetch import ledgers_with_reasons
    from admin.shared.connections import Connections, run

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    ledgers = run(ledgers_with_reasons(Connections(CommandContext.read()), ref))
    if json:
        print_json_array(ledgers)
        return
    with pager():
        for ledger in ledgers:
            print_ledger(ledger, as_months=month)
    if not ledgers:
        out.print("No deadline has been set.")


@app.command("list", epilog="Example: complaints list --tier manager --overdue", rich_help_panel=Panel.LOOKING)
def list_(
    tier: Annotated[str | None, code_option("TIER", "Only complaints at this tier, such as manager.")] = None,
    status: Annotated[
        str | None, code_option("STATUS", f"Only complaints with this status: {', '.join(Status)}.", Status)
    ] = None,
    overdue: Annotated[bool | None, flag("Only overdue complaints, or only others.", "--overdue/--not-overdue")] = None,
    holder: Annotated[str | None, staff_option("Only complaints that this member of staff holds.")] = None,
    due_before: Annotated[
        str | None, option("DATE", "Only complaints with a deadline before this day or instant.")
    ] = None,
    closed: Annotated[bool, flag("Closed complaints instead of open ones.", "--closed")] = False,
    all_: Annotated[bool, flag("Open and closed complaints.", "--all")] = False,
    limit: Annotated[str | None, option("N", "At most so many; else all.")] = None,
    mine: Annotated[bool, flag("The worklist of --as, with the command for each next step.", "--mine")] = False,
    watch: Annotated[bool, flag("With --mine: refresh it every few seconds, until Ctrl-C.", "--watch")] = False,
    by: WorklistOwnerOption = None,
    json: Json = False,
) -> None:
    """List open complaints from the record, those due first on top."""
    if mine or watch:
        filters = {
            "--tier": tier,
            "--status": status,
            "--overdue": overdue,
            "--holder": holder,
            "--due-before": due_before,
            "--closed": closed or None,
            "--all": all_ or None,
            "--limit": limit,
        }
        used = [option for option, value in filters.items() if value is not None]
        _list_mine(actor_name(by), used, mine, watch, json)
        return
    from admin.lookup.list import Filters, print_all
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors = id_errors("--tier", TIER_ID, tier) + id_errors("--holder", STAFF_ID, holder)
    if status and status not in set(Status):
        errors.append(f"--status: {unknown_name(status, Status)}")
    if closed and all_:
        errors.append("--closed, --all: give only one of them")
    if closed and status and status != Status.CLOSED:
        errors.append("--closed: goes with --status closed only; leave one of them out")
    before = _due_before(context, due_before, errors)
    most = read_number("--limit", limit, errors, 1, MAX_LIMIT)
    if errors:
        raise bad_input(*errors)
    is_closed = None if all_ or status else closed
    list_filters = Filters(tier, Status(status) if status else None, overdue, holder, before, is_closed, most)
    with pager():
        run(print_all(Connections(context), list_filters, as_json=json))


@app.command("find", epilog="Example: complaints find okafor --as lead.manager", rich_help_panel=Panel.LOOKING)
def find(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words of a name, an email, a case or a reference.")],
    limit: Annotated[str | None, option("N", f"At most so many; else {DEFAULT_FOUND}.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Find complaints, open and closed, by who complains, their case or the reference.

    The name of a person who is represented finds them, too. Capitals and accents do not matter.
    Only staff of the directory may search.
    """
    from admin.lookup.find import print_found
    from admin.shared.connections import Connections, run
    from complaints.records.search import normalise

    errors = actor_errors(actor_name(by))
    most = read_number("--limit", limit, errors, 1, MAX_LIMIT)
    if not normalise(text):
        errors.append("TEXT: is needed; give a name, an email, a case or a reference")
    if errors:
        raise bad_input(*errors)
    connections = Connections(CommandContext.read())
    with pager():
        run(print_found(connections, text, str(actor_name(by)), most or DEFAULT_FOUND, as_json=json))


def _list_mine(staff: str | None, filters: list[str], mine: bool, watch: bool, json: bool) -> None:
    """Print or watch a worklist. `filters` are the options that do not go with it."""
    errors = actor_errors(staff) if mine else ["--watch: goes with --mine only; add --mine"]
    errors += [f"{option}: does not go with --mine; leave it out" for option in filters]
    errors += ["--watch: does not go with --json; leave one of them out"] if watch and json else []
    if errors:
        raise bad_input(*errors)
    from admin.lookup.worklist import print_worklist, watch_worklist
    from admin.shared.connections import Connections, run

    connections = Connections(CommandContext.read())
    if not watch:
        with pager():
            run(print_worklist(connections, str(staff), as_json=json))
        return
    with suppress(KeyboardInterrupt):
        run(watch_worklist(connections, str(staff)))


def _due_before(context: CommandContext, text: str | None, errors: list[str]) -> datetime | None:
    """Read an instant, or the start of a day in the policy's time zone."""
    if text is None:
        return None
    dates = LocalDates.of(context.policy())
    at = read_day_or_instant(dates, "--due-before", text, errors)
    return at if at is None or isinstance(at, datetime) else dates.start_of(at)
