"""`policy`: what a new version of a policy would change, and moving a complaint to it."""

from typing import Annotated

import typer

from admin.acts.build import ActCommandInput, build
from admin.shared.actor import ActorOption
from admin.shared.context import CommandContext, reference_errors
from admin.shared.errors import bad_input
from admin.shared.options import ActId, Json, Panel, Reason, Ref, option
from complaints.procedure.acts import ChangePolicy

app = typer.Typer()
policy = typer.Typer(
    no_args_is_help=True,
    help="What a new version of a policy would change.",
    epilog="Example: complaints policy diff",
)

Chosen = Annotated[
    str | None, typer.Argument(metavar="FILE|NAME", help="A policy's file, or its name; else that of new complaints.")
]
To = Annotated[str | None, option("FILE|NAME", "A policy's file, or its name; else that of new complaints.", "--to")]


@policy.command("diff", epilog="Example: complaints policy diff policy-2.toml")
def diff(chosen: Chosen = None, json: Json = False) -> None:
    """Show what differs from the versions that open complaints keep, and what moving them would do to their dates."""
    from admin.policy.actions import print_policy_differences
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    run(print_policy_differences(Connections(surroundings), surroundings.policy(chosen), as_json=json))


@policy.command("move", epilog="Example: complaints policy move C-1001 --as lead.manager --reason 'It helps her.'")
def move(
    ref: Ref,
    to: To = None,
    by: ActorOption = None,
    reason: Reason = None,
    act_id: ActId = None,
    json: Json = False,
) -> None:
    """Move an open complaint to a policy, with a reason: its open dates are counted afresh, on the record."""
    from admin.acts.send import send
    from admin.policy.actions import calendar_under
    from admin.shared.connections import Connections, run

    if errors := reference_errors(ref):
        raise bad_input(*errors)
    surroundings = CommandContext.read()
    policy = surroundings.policy(to)
    calendar = run(calendar_under(Connections(surroundings), ref, policy))
    given = ActCommandInput(ref, by, act_id, signal=False, json=json)
    send(surroundings, given, build(given, ChangePolicy, {"policy": policy, "calendar": calendar, "reason": reason}))


app.add_typer(policy, name="policy", rich_help_panel=Panel.CALENDAR)
