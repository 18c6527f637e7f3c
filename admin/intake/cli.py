"""`open`: open complaints from files of forms."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.identifiers import staff_id_errors
from admin.shared.input_files import FormText, forms_in, read_policy_file
from admin.shared.options import Json, Panel, option

app = typer.Typer()


@app.command("open", epilog="Example: complaints open form.json", rich_help_panel=Panel.INTAKE)
def open_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="A form as JSON, or many as JSON Lines; - is standard input.")
    ],
    policy: Annotated[str | None, option("POLICY", "A policy's name, or a .toml file; else the service's own.")] = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Open a complaint for each form. The same form twice opens one complaint.

    With --json, one line is printed for each form.
    """
    forms: list[FormText] = []
    errors: list[str] = staff_id_errors("--as", by)
    for file in files:
        try:
            forms += forms_in(file)
        except CommandError as error:
            errors += error.lines
    if errors:
        raise bad_input(*errors)
    from admin.intake.open_forms import open_forms

    toml = read_policy_file("--policy", policy)
    worst = open_forms(by, forms, policy, toml, as_json=json)
    if worst is not Exit.DONE:
        raise CommandError(worst)
