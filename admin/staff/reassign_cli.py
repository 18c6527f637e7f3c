"""`reassign`: one complaint, or every complaint of a holder."""

from typing import Annotated

import typer

from admin.acts.draft import ActDraft, ActOptions
from admin.shared.actor import ActorOption
from admin.shared.ask import ask, nothing_done, stdin_is_terminal
from admin.shared.errors import bad_input
from admin.shared.identifiers import staff_id_errors
from admin.shared.options import ActId, Json, Panel, Preview, Reason, Signal, Yes, staff_option

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
        from admin.acts.send import send

        options = ActOptions(ref or "", by, act_id, signal, json, yes, preview)
        send(ActDraft("reassign", options, {"to": to, "reason": reason}))
        return
    errors = ["REF: does not go with --all-of; give one of them"] if ref else []
    errors += ["--signal: does not go with --all-of; leave it out"] if signal else []
    errors += staff_id_errors("--as", by) + staff_id_errors("--all-of", all_of) + staff_id_errors("--to", to)
    errors += [] if (reason or "").strip() else ["--reason: is needed"]
    if to == all_of:
        errors.append(f"--to: {to} is the person whose complaints are reassigned; choose somebody else")
    if errors:
        raise bad_input(*errors)
    from admin.shared.api import Api
    from admin.staff.reassign_all import FIELDS, describe_plan, print_plan, read_plan, reassign_all

    request = {"to": to, "reason": reason, "id": act_id}
    with Api(by, FIELDS) as api:
        if preview:
            print_plan(all_of, read_plan(api, all_of, request), as_json=json)
            return
        if stdin_is_terminal() and not yes:
            plan = read_plan(api, all_of, request)
            if plan and not ask(describe_plan(all_of, plan)):
                raise nothing_done()
        reassign_all(api, all_of, request, as_json=json)
