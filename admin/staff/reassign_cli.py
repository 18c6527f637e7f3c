"""`reassign`: one complaint, or all that somebody holds."""

from typing import Annotated

import typer

from admin.acts.build import ActCommandInput, build
from admin.shared.actor import ActorOption, acting, actor_errors
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import ActId, Json, Panel, Reason, Signal, option
from complaints.procedure.acts import Reassign

app = typer.Typer()

EXAMPLES = (
    "Example: complaints reassign C-1001 --as lead.manager --to m.silva --reason 'On leave.'\n\n"
    "Example: complaints reassign --all-of m.okafor --as lead.manager --reason 'She has left.'"
)


@app.command("reassign", epilog=EXAMPLES, rich_help_panel=Panel.STAFF)
def reassign(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help="The complaint's reference.")] = None,
    to: Annotated[
        str | None, option("ID", "Who holds it from now on; with --all-of, else whom the directory chooses for each.")
    ] = None,
    all_of: Annotated[str | None, option("ID", "All open complaints that this member of staff holds.")] = None,
    reason: Reason = None,
    by: ActorOption = None,
    act_id: ActId = None,
    signal: Signal = False,
    json: Json = False,
) -> None:
    """Give the complaint to somebody else at its tier; or give away all that somebody holds.

    With --all-of, repeated with the same options it goes on where it stopped, and gives nothing twice.
    """
    if all_of is None:
        told = ActCommandInput(ref or "", acting(by), act_id, signal, json)
        act = build(told, Reassign, {"to": to, "reason": reason})
        from admin.acts.send import send

        send(CommandContext.read(), told, act)
        return
    errors = ["REF: give either REF or --all-of"] if ref else []
    errors += ["--signal: goes with one complaint only"] if signal else []
    errors += actor_errors(acting(by))
    errors += id_errors("--all-of", STAFF_ID, all_of) + id_errors("--to", STAFF_ID, to)
    errors += [] if (reason or "").strip() else ["--reason: is needed"]
    errors += [f"--to: {to} is to give them away"] if to == all_of else []
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.staff.reassign_all import BulkReassignment, reassign_all

    handover = BulkReassignment(all_of, to, str(acting(by)), str(reason), act_id)
    run(reassign_all(Connections(CommandContext.read()), handover, as_json=json))
