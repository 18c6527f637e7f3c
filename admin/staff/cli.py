"""`staff`: the directory of members of staff, their roles and absences."""

from typing import Annotated, Any

import typer

from admin.shared.actor import KeyedByOption, keyed_by
from admin.shared.context import CommandContext
from admin.shared.dates import read_day
from admin.shared.errors import bad_input
from admin.shared.input_files import text_of
from admin.shared.local_dates import LocalDates
from admin.shared.options import Json, Panel, Yes, code_option, flag, lower_id, needed, option
from admin.shared.pager import pager
from complaints.procedure.enums import Aspect

app = typer.Typer()
staff = typer.Typer(
    no_args_is_help=True,
    help="The staff directory: who acts where, who leads which tier, who is away.",
    epilog="Example: complaints staff list",
)

Id = Annotated[str, typer.Argument(metavar="ID", callback=lower_id, help="The id of the member of staff.")]
Email = Annotated[str | None, option("ADDRESS", "Their email address; else ID@COMPLAINTS_STAFF_DOMAIN.")]
Roles = Annotated[
    list[str] | None, code_option("STEP", "A step at which they act, such as manager; may be repeated.", (), "--role")
]
Leads = Annotated[
    list[str] | None, code_option("TIER", "A tier that they lead, such as manager; may be repeated.", (), "--lead")
]
Aspects = Annotated[
    list[str] | None,
    code_option("ASPECT", "An aspect that they handle, else any; may be repeated.", Aspect, "--aspect"),
]
Teams = Annotated[list[str] | None, option("TEAM", "A team in which they work; may be repeated.", "--team")]
ActiveFrom = Annotated[str | None, option("DATE", "Their first day.", "--from")]
ActiveUntil = Annotated[str | None, option("DATE", "Their last day.", "--until")]


@staff.command(
    "add", epilog="Example: complaints staff add m.okafor --name 'Mary Okafor' --role manager --aspect delay"
)
def add(
    id: Id,  # noqa: A002 (the metavar is ID)
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
    """Add a member of staff to the directory."""
    from admin.staff.actions import DirectoryEditor

    fields = _fields(name, email, roles, leads, aspects, teams, active_from, active_until)
    DirectoryEditor.of(CommandContext.read(), by, as_json=json).add(id, fields)


@staff.command("change", epilog="Example: complaints staff change m.okafor --role manager --role case_handler")
def change(
    id: Id,  # noqa: A002 (the metavar is ID)
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
    """Change a member of staff. Each option replaces the present value; '' empties it."""
    from admin.staff.actions import DirectoryEditor

    fields = _fields(name, email, roles, leads, aspects, teams, active_from, active_until)
    if not fields:
        raise bad_input("ID: nothing to change; give at least one option, such as --role manager")
    DirectoryEditor.of(CommandContext.read(), by, as_json=json).change(id, fields)


@staff.command("leave", epilog="Example: complaints staff leave m.okafor --on 2027-01-29")
def leave(
    id: Id,  # noqa: A002 (the metavar is ID)
    on: Annotated[str | None, option("DATE", "The last day; else today.")] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Record the last day of a member of staff, and show how many complaints they hold."""
    from admin.staff.actions import DirectoryEditor

    DirectoryEditor.of(CommandContext.read(), by, as_json=json).leave(id, on)


@staff.command("absent", epilog="Example: complaints staff absent m.okafor --from 2026-12-21 --until 2027-01-02")
def absent(
    id: Id,  # noqa: A002 (the metavar is ID)
    since: Annotated[str | None, option("DATE", "The first day; else today.", "--from")] = None,
    until: Annotated[str | None, option("DATE", "The last day; else the first.")] = None,
    cancel: Annotated[bool, flag("Take the absence back.", "--cancel")] = False,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Record an absence, and show how many complaints they hold."""
    from admin.staff.actions import DirectoryEditor

    DirectoryEditor.of(CommandContext.read(), by, as_json=json).absent(id, since, until, cancel=cancel)


@staff.command("import", epilog="Example: complaints staff import examples/staff.csv")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="CSV with a header line; - is standard input.")],
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Add or change every member of staff in a file; if a line is wrong, none.

    Columns: id, name, email, roles, leads, aspects, teams, active_from, active_until, absences. See docs/operations.md.
    """
    from admin.staff.actions import DirectoryEditor

    DirectoryEditor.of(CommandContext.read(), by, as_json=json).import_csv(file, text_of(file))


@staff.command("confirm", epilog="Example: complaints staff confirm m.okafor t.abara")
def confirm(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Members to confirm; else all are shown.")
    ] = None,
    everybody: Annotated[bool, flag("Confirm everybody.", "--all")] = False,
    by: KeyedByOption = None,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Confirm members of staff after a restore of the record. Until then they may not act.

    See docs/restores.md.
    """
    from admin.restores.confirm_access import confirm_access
    from admin.shared.connections import Connections

    connections = Connections(CommandContext.read())
    confirm_access(connections, "staff", ids or [], keyed_by(by), everybody=everybody, yes=yes, as_json=json)


@staff.command("list", epilog="Example: complaints staff list --role manager --on 2026-12-24")
def list_(
    role: Annotated[str | None, code_option("STEP", "Only staff who act at this step, such as manager.")] = None,
    lead: Annotated[str | None, code_option("TIER", "Only staff who lead this tier.")] = None,
    team: Annotated[str | None, option("TEAM", "Only staff of this team.")] = None,
    on: Annotated[str | None, option("DATE", "Only staff who are available on this day.")] = None,
    json: Json = False,
) -> None:
    """List the members of staff, and how many open complaints each holds."""
    from admin.staff.render import MemberFilter, print_directory

    context, errors = CommandContext.read(), list[str]()
    day = read_day(LocalDates.of(context.policy()), "--on", on, errors)
    if errors:
        raise bad_input(*errors)
    with pager():
        print_directory(context, MemberFilter(role, lead, team, day), as_json=json)


@staff.command("show", epilog="Example: complaints staff show m.okafor")
def show(id: Id, json: Json = False) -> None:  # noqa: A002 (the metavar is ID)
    """Show a member of staff, and each change with who made it and when."""
    from admin.staff.render import print_member

    with pager():
        print_member(CommandContext.read(), id, as_json=json)


def _fields(*options: Any) -> dict[str, Any]:
    """Return the options that were given, by the directory's field names."""
    names = ("name", "email", "roles", "leads", "aspects", "teams", "active_from", "active_until")
    return {
        name: [each for each in value if each] if isinstance(value, list) else value or None
        for name, value in zip(names, options, strict=True)
        if value is not None and value != []
    }


app.add_typer(staff, name="staff", rich_help_panel=Panel.STAFF)
