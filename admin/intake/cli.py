"""`open`: open complaints from files of forms."""

from typing import Annotated

import typer

from admin.shared.actor import KeyedByOption, keyed_by
from admin.shared.context import CommandContext
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.input_files import FormText, forms_in
from admin.shared.options import Json, Panel, option

app = typer.Typer()


@app.command("open", epilog="Example: complaints open form.json", rich_help_panel=Panel.INTAKE)
def open_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="A form as JSON, or many as JSON Lines; - is standard input.")
    ],
    policy: Annotated[str | None, option("POLICY", "A policy's name, or a .toml file; else COMPLAINTS_POLICY.")] = None,
    by: KeyedByOption = None,
    json: Json = False,
) -> None:
    """Open a complaint for each form. The same form twice opens one complaint.

    With --json, one line is printed for each form.
    """
    context = CommandContext.read()
    chosen_policy = context.policy(policy)
    opened_by = keyed_by(by)
    forms: list[FormText] = []
    errors: list[str] = []
    for file in files:
        try:
            forms += forms_in(file)
        except CommandError as error:
            errors += error.lines
    if errors:
        raise bad_input(*errors)
    from admin.intake.open_forms import open_forms
    from admin.shared.connections import Connections, run
    from admin.shared.staff_names import refuse_unknown

    connections = Connections(context)
    if by is not None:
        run(refuse_unknown(connections, "--as", opened_by))
    worst = run(open_forms(connections, forms, chosen_policy, opened_by, as_json=json))
    if worst is not Exit.DONE:
        raise CommandError(worst)
