"""`policy`: check a policy, compare it with open complaints, move a complaint to it."""

from typing import Annotated

import typer

from admin.acts.draft import ActDraft, ActOptions
from admin.shared.actor import ActorOption
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
    by: ActorOption = None,
) -> None:
    """Say that a policy is valid, or list every mistake with its key."""
    from admin.policy.actions import check_policy

    check_policy(policy_name, by)


@policy.command("diff", epilog="Example: complaints policy diff policy-2.toml")
def diff(policy_name: PolicyArgument = None, by: ActorOption = None, json: Json = False) -> None:
    """Compare a policy with the versions of open complaints, and preview their dates under it."""
    from admin.policy.actions import print_policy_differences

    with pager():
        print_policy_differences(policy_name, by, as_json=json)


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
    from admin.policy.actions import read_source

    options = ActOptions(ref, by, act_id, signal=False, json=json, yes=yes, preview=preview)
    send(ActDraft("change_policy", options, {**read_source("--to", to), "reason": reason}))


app.add_typer(policy, name="policy", rich_help_panel=Panel.CALENDAR)
