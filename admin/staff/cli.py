"""`staff`: the directory of members of staff, their roles and absences."""

from typing import Annotated, Any

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.input_files import text_of
from admin.shared.options import Json, Panel, code_option, flag, lower_id, needed, option
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
Subject = Annotated[str | None, option("SUBJECT", "Who they are at the identity provider; else their email says.")]
Roles = Annotated[
    list[str] | None,
    code_option("STEP", "A step at which they act, administrator or auditor; may be repeated.", (), "--role"),
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
    subject: Subject = None,
    roles: Roles = None,
    leads: Leads = None,
    aspects: Aspects = None,
    teams: Teams = None,
    active_from: ActiveFrom = None,
    active_until: ActiveUntil = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Add a member of staff to the directory."""
    from admin.staff.actions import add

    fields = _fields(name, email, subject, roles, leads, aspects, teams, active_from, active_until)
    add(id, fields, by, as_json=json)


@staff.command("change", epilog="Example: complaints staff change m.okafor --role manager --role case_handler")
def change(
    id: Id,  # noqa: A002 (the metavar is ID)
    name: Annotated[str | None, option("NAME", "Their name.")] = None,
    email: Email = None,
    subject: Subject = None,
    roles: Roles = None,
    leads: Leads = None,
    aspects: Aspects = None,
    teams: Teams = None,
    active_from: ActiveFrom = None,
    active_until: ActiveUntil = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Change a member of staff. Each option replaces the present value; '' empties it."""
    from admin.staff.actions import change

    fields = _fields(name, email, subject, roles, leads, aspects, teams, active_from, active_until)
    if not fields:
        raise bad_input("ID: nothing to change; give at least one option, such as --role manager")
    change(id, fields, by, as_json=json)


@staff.command("leave", epilog="Example: complaints staff leave m.okafor --on 2027-01-29")
def leave(
    id: Id,  # noqa: A002 (the metavar is ID)
    on: Annotated[str | None, option("DATE", "The last day; else today.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Record the last day of a member of staff, and show how many complaints they hold."""
    from admin.staff.actions import leave

    leave(id, on, by, as_json=json)


@staff.command("absent", epilog="Example: complaints staff absent m.okafor --from 2026-12-21 --until 2027-01-02")
def absent(
    id: Id,  # noqa: A002 (the metavar is ID)
    since: Annotated[str | None, option("DATE", "The first day; else today.", "--from")] = None,
    until: Annotated[str | None, option("DATE", "The last day; else the first.")] = None,
    cancel: Annotated[bool, flag("Take the absence back.", "--cancel")] = False,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Record an absence, and show how many complaints they hold."""
    from admin.staff.actions import enter_absence

    enter_absence(id, since, until, by, cancel=cancel, as_json=json)


@staff.command("import", epilog="Example: complaints staff import examples/staff.csv")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="CSV with a header line; - is standard input.")],
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Add or change every member of staff in a file; if a line is wrong, none.

    Columns: id, name, email, subject, roles, leads, aspects, teams, active_from, active_until, absences.
    See docs/operations.md.
    """
    text = text_of(file)
    from admin.staff.actions import import_csv

    import_csv(file, text, by, as_json=json)


@staff.command("list", epilog="Example: complaints staff list --role manager --on 2026-12-24")
def list_(
    role: Annotated[str | None, code_option("STEP", "Only staff with this role, such as manager.")] = None,
    lead: Annotated[str | None, code_option("TIER", "Only staff who lead this tier.")] = None,
    team: Annotated[str | None, option("TEAM", "Only staff of this team.")] = None,
    on: Annotated[str | None, option("DATE", "Only staff who are available on this day.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """List the members of staff, and how many open complaints each holds."""
    from admin.staff.render import print_directory

    with pager():
        print_directory(by, {"role": role, "lead": lead, "team": team, "on": on}, as_json=json)


@staff.command("show", epilog="Example: complaints staff show m.okafor")
def show(id: Id, by: ActorOption = None, json: Json = False) -> None:  # noqa: A002 (the metavar is ID)
    """Show a member of staff, and each change with who made it and when."""
    from admin.staff.render import print_member

    with pager():
        print_member(by, id, as_json=json)


def _fields(*options: Any) -> dict[str, Any]:
    """Return the options that were given, by the directory's field names."""
    names = ("name", "email", "subject", "roles", "leads", "aspects", "teams", "active_from", "active_until")
    return {
        name: [each for each in value if each] if isinstance(value, list) else value or None
        for name, value in zip(names, options, strict=True)
        if value is not None and value != []
    }


app.add_typer(staff, name="staff", rich_help_panel=Panel.STAFF)
