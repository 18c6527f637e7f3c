"""`staff`: the directory of who may act where, who leads, and who is there."""

from typing import Annotated, Any

import typer

from admin.shared.actor import KeyedByOption
from admin.shared.context import CommandContext
from admin.shared.dates import read_day
from admin.shared.errors import bad_input
from admin.shared.input_files import text_of
from admin.shared.options import Json, Panel, flag, needed, option

app = typer.Typer()
staff = typer.Typer(
    no_args_is_help=True,
    help="Enter and look up who may act where, who leads, and who is there.",
    epilog="Example: complaints staff list",
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The member of staff's.")]
Email = Annotated[str | None, option("ADDRESS", "Where they read their mail; else ID@COMPLAINTS_STAFF_DOMAIN.")]
Roles = Annotated[list[str] | None, option("STEP", "Where they act, such as manager; may be repeated.", "--role")]
Leads = Annotated[list[str] | None, option("TIER", "A tier that they lead; may be repeated.", "--lead")]
Aspects = Annotated[
    list[str] | None, option("ASPECT", "What they are well placed for, else anything; may be repeated.", "--aspect")
]
Teams = Annotated[list[str] | None, option("TEAM", "Where they work; may be repeated.", "--team")]
ActiveFrom = Annotated[str | None, option("DATE", "Their first day.", "--from")]
ActiveUntil = Annotated[str | None, option("DATE", "Their last day.", "--until")]


@staff.command(
    "add", epilog="Example: complaints staff add m.okafor --name 'Mary Okafor' --role manager --aspect delay"
)
def add(
    id: Id,  # noqa: A002 - what it is
    name: Annotated[str | None, needed("NAME", "Their name.")] = None,
    email: Email = None,
    roles: Roles = None,
    leads: Leads = None,
    aspects: Aspects = None,
    teams: Teams = None,
    active_from: ActiveFrom = None,
    active_until: ActiveUntil = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Enter somebody into the directory."""
    from admin.staff.actions import Staffing

    fields = _fields(name, email, roles, leads, aspects, teams, active_from, active_until)
    Staffing.of(CommandContext.read(), by, as_json=json).add(id, fields)


@staff.command("change", epilog="Example: complaints staff change m.okafor --role manager --role case_handler")
def change(
    id: Id,  # noqa: A002 - what it is
    name: Annotated[str | None, option("NAME", "Their name.")] = None,
    email: Email = None,
    roles: Roles = None,
    leads: Leads = None,
    aspects: Aspects = None,
    teams: Teams = None,
    active_from: ActiveFrom = None,
    active_until: ActiveUntil = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Change what is known of somebody: what is given takes the place of what was, '' empties it."""
    from admin.staff.actions import Staffing

    fields = _fields(name, email, roles, leads, aspects, teams, active_from, active_until)
    if not fields:
        raise bad_input("say what is to be changed, such as --role manager")
    Staffing.of(CommandContext.read(), by, as_json=json).change(id, fields)


@staff.command("leave", epilog="Example: complaints staff leave m.okafor --on 2027-01-29")
def leave(
    id: Id,  # noqa: A002 - what it is
    on: Annotated[str | None, option("DATE", "Their last day; else today.")] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Say when somebody's last day is; tells what they still hold."""
    from admin.staff.actions import Staffing

    Staffing.of(CommandContext.read(), by, as_json=json).leave(id, on)


@staff.command("absent", epilog="Example: complaints staff absent m.okafor --from 2026-12-21 --until 2027-01-02")
def absent(
    id: Id,  # noqa: A002 - what it is
    since: Annotated[str | None, option("DATE", "The first day; else today.", "--from")] = None,
    until: Annotated[str | None, option("DATE", "The last day; else the first.")] = None,
    cancel: Annotated[bool, flag("They are there after all: it is taken back.", "--cancel")] = False,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Say when somebody is away; tells what they hold."""
    from admin.staff.actions import Staffing

    Staffing.of(CommandContext.read(), by, as_json=json).absent(id, since, until, cancel=cancel)


@staff.command("import", epilog="Example: complaints staff import examples/staff.csv")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="With a line of columns; - is standard input.")],
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Enter or change everybody in a file: all of them, or nobody if anything is wrong.

    Columns: id, name, email, roles, leads, aspects, teams, active_from, active_until, absences. See docs/operations.md.
    """
    from admin.staff.actions import Staffing

    Staffing.of(CommandContext.read(), by, as_json=json).import_csv(file, text_of(file))


@staff.command("list", epilog="Example: complaints staff list --role manager --on 2026-12-24")
def list_(
    role: Annotated[str | None, option("STEP", "Only those who act at this step, such as manager.")] = None,
    lead: Annotated[str | None, option("TIER", "Only those who lead this tier.")] = None,
    team: Annotated[str | None, option("TEAM", "Only those of this team.")] = None,
    on: Annotated[str | None, option("DATE", "Only those who are there on this day.")] = None,
    json: Json = False,
) -> None:
    """List the directory: who is there, and how many open complaints each holds."""
    from admin.staff.render import MemberFilter, print_directory

    wanted = MemberFilter(role, lead, team, read_day("--on", on) if on else None)
    print_directory(CommandContext.read(), wanted, as_json=json)


@staff.command("show", epilog="Example: complaints staff show m.okafor")
def show(id: Id, json: Json = False) -> None:  # noqa: A002 - what it is
    """Show what is known of somebody, and who changed it when."""
    from admin.staff.render import print_member

    print_member(CommandContext.read(), id, as_json=json)


def _fields(*given: Any) -> dict[str, Any]:
    """Those that were given, by the names that the directory has for them."""
    names = ("name", "email", "roles", "leads", "aspects", "teams", "active_from", "active_until")
    return {
        name: [each for each in value if each] if isinstance(value, list) else value or None
        for name, value in zip(names, given, strict=True)
        if value is not None and value != []
    }


app.add_typer(staff, name="staff", rich_help_panel=Panel.STAFF)
