"""`policy`: check a policy, compare it with open complaints, move a complaint to it."""

from typing import Annotated

import typer

from admin.acts.draft import ActDraft, ActOptions
from admin.shared.actor import ActorOption
from admin.shared.context import CommandContext
from admin.shared.errors import bad_input
from admin.shared.input_files import read_policy_file
from admin.shared.options import ActId, Json, Panel, Preview, Reason, Ref, Yes, option
from admin.shared.pager import pager

app = typer.Typer()
policy = typer.Typer(
    no_args_is_help=True,
    help="Check a policy; compare it with those of open complaints; move a complaint to it.",
    epilog="Example: complaints policy diff",
)

PolicyArgument = Annotated[
    str | None, typer.Argument(metavar="FILE|NAME", help="A policy's .toml file or name; else COMPLAINTS_POLICY.")
]
ToOption = Annotated[
    str | None, option("FILE|NAME", "The policy's .toml file or name; else COMPLAINTS_POLICY.", "--to")
]


@policy.command("check", epilog="Example: complaints policy check policy-2.toml")
def check(
    policy_name: Annotated[str, typer.Argument(metavar="FILE|NAME", help="The policy's .toml file, or its name.")],
) -> None:
    """Say that a policy is valid, or list every mistake with its key. Needs no server."""
    from admin.shared.output import out, printable
    from complaints.policies.loader import load_policy_to_check
    from complaints.procedure.policy import PolicyError

    try:
        policy = load_policy_to_check(policy_name)
    except PolicyError as error:
        raise bad_input(*str(error).splitlines()) from error
    out.print(printable(f"OK: {policy.name}, {policy.title}"))


@policy.command("diff", epilog="Example: complaints policy diff policy-2.toml")
def diff(policy_name: PolicyArgument = None, json: Json = False) -> None:
    """Compare a policy with the versions of open complaints, and preview their dates under it."""
    from admin.policy.actions import print_policy_differences
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    policy = context.policy(policy_name, option="FILE|NAME")
    with pager():
        run(print_policy_differences(Connections(context), policy, as_json=json))


@policy.command("move", epilog="Example: complaints policy move C-1001 --as lead.manager --reason 'It helps her.'")
def move(
    ref: Ref,
    to: ToOption = None,
    by: ActorOption = None,
    reason: Reason = None,
    act_id: ActId = None,
    json: Json = False,
    yes: Yes = False,
    preview: Preview = False,
) -> None:
    """Move an open complaint to another policy, with a reason. Its open dates are recalculated."""
    from admin.acts.send import send

    toml = read_policy_file("--to", to)
    source = {"name": to} if toml is None else {"toml": toml}
    options = ActOptions(ref, by, act_id, signal=False, json=json, yes=yes, preview=preview)
    send(ActDraft("change_policy", options, {**source, "reason": reason}))


app.add_typer(policy, name="policy", rich_help_panel=Panel.CALENDAR)
