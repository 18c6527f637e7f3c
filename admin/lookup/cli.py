"""`show`, `explain`, `list`, `find`, `readings`: complaints, their deadlines and worklists."""

from contextlib import suppress
from typing import Annotated, Any

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.identifiers import reference_errors, staff_id_errors
from admin.shared.json_stream import print_json_array
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, Ref, code_option, flag, option, staff_option
from admin.shared.output import out, print_json
from admin.shared.pager import pager
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.enums import Status

app = typer.Typer()

DEFAULT_FOUND, MAX_FOUND, MAX_LIMIT = 50, 1_000, 1_000_000


@app.command("show", epilog="Example: complaints show C-1001 --words", rich_help_panel=Panel.LOOKING)
def show(
    ref: Ref,
    words: Annotated[bool, flag("Include who complains, and what people said and wrote.", "--words")] = False,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Show a complaint: status, deadlines, and everything that happened.

    What people said and wrote is for those who have a part in the complaint, and for auditors. Each reading of it is
    recorded: complaints readings REF lists them.
    """
    from admin.lookup.fetch import fetch
    from admin.lookup.render import print_history
    from admin.shared.api import Api

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    with Api(by) as api:
        history = fetch(api, ref, "history", words=words or None)
    if json:
        print_json(history)
        return
    with pager():
        print_history(history)


@app.command("explain", epilog="Example: complaints explain C-1001 --month", rich_help_panel=Panel.LOOKING)
def explain(
    ref: Ref,
    month: Annotated[bool, flag("Show the days as a calendar of each month.", "--month")] = False,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Explain each deadline: its days counted and skipped, its moves, and how it ended."""
    from admin.lookup.fetch import fetch
    from admin.lookup.render_deadlines import print_ledger
    from admin.shared.api import Api

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    with Api(by) as api:
        ledgers = fetch(api, ref, "deadlines")
    if json:
        print_json_array(ledgers)
        return
    with pager():
        for ledger in ledgers:
            print_ledger(ledger, as_months=month)
    if not ledgers:
        out.print("No deadline has been set.")


@app.command("readings", epilog="Example: complaints readings C-1001", rich_help_panel=Panel.LOOKING)
def readings(ref: Ref, by: ActorOption = None, json: Json = False) -> None:
    """List who read what people said and wrote, by day; for auditors and leads."""
    from admin.lookup.readings import print_readings

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    print_readings(ref, by, as_json=json)


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
    mine: Annotated[bool, flag("Your worklist, with the command for each next step.", "--mine")] = False,
    watch: Annotated[bool, flag("With --mine: refresh it every few seconds, until Ctrl-C.", "--watch")] = False,
    by: ActorOption = None,
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
        _list_mine(by, used, mine, watch, json)
        return
    from admin.lookup.list import print_all

    errors = staff_id_errors("--holder", holder)
    if status and status not in set(Status):
        errors.append(f"--status: {unknown_name(status, Status)}")
    if closed and all_:
        errors.append("--closed, --all: give only one of them")
    if closed and status and status != Status.CLOSED:
        errors.append("--closed: goes with --status closed only; leave one of them out")
    selected: dict[str, Any] = {
        "tier": tier,
        "holder": None if staff_id_errors("--holder", holder) else holder,
        "status": status if status in set(Status) else None,
        "overdue": overdue,
        "closed": closed or None,
        "all": all_ or None,
        "limit": read_number("--limit", limit, errors, 1, MAX_LIMIT),
    }
    with pager():
        print_all(by, selected, due_before, errors, as_json=json)


@app.command("find", epilog="Example: complaints find okafor --as lead.manager", rich_help_panel=Panel.LOOKING)
def find(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words of a name, an email, a case or a reference.")],
    limit: Annotated[str | None, option("N", f"At most so many; else {DEFAULT_FOUND}.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Find complaints, open and closed, by who complains, their case or the reference.

    The name of a person who is represented finds them, too. Capitals and accents do not matter. Only those are found in
    which you have a part; an auditor finds all.
    """
    from admin.lookup.find import print_found

    errors: list[str] = []
    most = read_number("--limit", limit, errors, 1, MAX_FOUND)
    if errors:
        raise bad_input(*errors)
    with pager():
        print_found(text, by, most or DEFAULT_FOUND, as_json=json)


def _list_mine(staff: str | None, filters: list[str], mine: bool, watch: bool, json: bool) -> None:
    """Print or watch a worklist. `filters` are the options that do not go with it."""
    errors = [] if mine else ["--watch: goes with --mine only; add --mine"]
    errors += [f"{option}: does not go with --mine; leave it out" for option in filters]
    errors += ["--watch: does not go with --json; leave one of them out"] if watch and json else []
    if errors:
        raise bad_input(*errors)
    from admin.lookup.worklist import print_worklist, watch_worklist

    if not watch:
        with pager():
            print_worklist(staff, as_json=json)
        return
    with suppress(KeyboardInterrupt):
        watch_worklist(staff)
