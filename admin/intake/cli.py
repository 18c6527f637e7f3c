"""`open`: complaints from files."""

from typing import Annotated

import typer

from admin.shared.actor import KeyedBy, keyed_by
from admin.shared.context import Surroundings
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.input_files import Given, forms_in
from admin.shared.options import Json, Panel, option

app = typer.Typer()


@app.command("open", epilog="Example: complaints open form.json", rich_help_panel=Panel.INTAKE)
def open_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="JSON, or JSON Lines for many; - is standard input.")
    ],
    policy: Annotated[str | None, option("POLICY", "Its name, or a .toml file.")] = None,
    by: KeyedBy = None,
    json: Json = False,
) -> None:
    """Open complaints from forms. The same form twice is one complaint.

    With --json, one line for each form.
    """
    surroundings = Surroundings.read()
    chosen = surroundings.policy(policy)
    who = keyed_by(by)
    forms: list[Given] = []
    mistakes: list[str] = []
    for file in files:
        try:
            forms += forms_in(file)
        except CommandError as error:
            mistakes += error.lines
    if mistakes:
        raise bad_input(*mistakes)
    from admin.intake.open_forms import take_in
    from admin.shared.connections import Reach, run

    worst = run(take_in(Reach(surroundings), forms, chosen, who, as_json=json))
    if worst is not Exit.DONE:
        raise CommandError(worst)
