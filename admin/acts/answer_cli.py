"""`answer`: ask a complaint what became of an act."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.errors import bad_input
from admin.shared.identifiers import reference_errors
from admin.shared.options import Json, Panel, Ref

app = typer.Typer()


@app.command("answer", epilog="Example: complaints answer C-1001 3f2b", rich_help_panel=Panel.LOOKING)
def answer(
    ref: Ref,
    act_id: Annotated[str, typer.Argument(metavar="ID", help="The act's id, as its command printed it.")],
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Ask a complaint what became of an act whose command got no answer. Nothing is sent."""
    from admin.acts.ask import print_answer_to

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    print_answer_to(by, ref, act_id, as_json=json)
