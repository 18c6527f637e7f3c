"""`reassign`: one complaint, or every complaint of a holder."""

from typing import Annotated

import typer

from admin.acts.build import ActCommandInput, ActDraft
from admin.acts.command_factory import do_act
from admin.shared.actor import ActorOption, actor_errors, actor_name
from admin.shared.ask import ask, nothing_done, stdin_is_terminal
from admin.shared.context import STAFF_ID, CommandContext, id_errors
from admin.shared.errors import bad_input
from admin.shared.options import ActId, Json, Panel, Preview, Reason, Signal, Yes, staff_option
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
        str | None, staff_option("Who gets it; with --all-of, may be left out: the directory then chooses for each.")
    ] = None,
    all_of: Annotated[
        str | None, staff_option("Reassign every open complaint and every open undertaking of this member of staff.")
    ] = None,
    reason: Reason = None,
    by: ActorOption = None,
    act_id: ActId = None,
    signal: Signal = False,
    json: Json = False,
    yes: Yes = False,
    preview: Preview = False,
) -> None:
    """Give a complaint to somebody else at its tier, or all that somebody has to others.

    --all-of takes their open undertakings, too, also those of complaints that others hold or that are closed.
    Repeated with the same options, --all-of goes on where it stopped and reassigns nothing twice.
    """
    if all_of is None:
        command_input = ActCommandInput(ref or "", actor_name(by), act_id, signal, json, yes, preview)
        do_act(CommandContext.read(), ActDraft(command_input, Reassign, {"to": to, "reason": reason}))
        return
    errors = ["REF: does not go with --all-of; give one of them"] if ref else []
    errors += ["--signal: does not go with --all-of; leave it out"] if signal else []
    errors += actor_errors(actor_name(by))
    errors += id_errors("--all-of", STAFF_ID, all_of) + id_errors("--to", STAFF_ID, to)
    errors += [] if (reason or "").strip() else ["--reason: is needed"]
    if to == all_of:
        errors.append(f"--to: {to} is the person whose complaints are reassigned; choose somebody else")
    if errors:
        raise bad_input(*errors)
    from admin.shared.connections import Connections, run
    from admin.staff.reassign_all import BulkReassignment, describe_plan, print_plan, read_plan, reassign_all

    connections = Connections(CommandContext.read())
    plan = run(read_plan(connections, BulkReassignment(all_of, to, str(actor_name(by)), str(reason), act_id)))
    if preview:
        print_plan(plan, as_json=json)
        return
    if not plan.is_empty and stdin_is_terminal() and not yes and not ask(describe_plan(plan)):
        raise nothing_done()
    run(reassign_all(connections, plan, as_json=json))
