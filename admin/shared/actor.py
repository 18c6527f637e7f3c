"""Read who acts: from --as, from COMPLAINTS_STAFF, or from the login name.

Nobody proves their identity here: the name is trusted, and the staff directory decides what it may do.
Authentication would be added in this module.
"""

from typing import Annotated

import typer

from admin.shared.context import STAFF_ID, id_errors
from admin.shared.errors import bad_input
from admin.shared.login_name import login_name
from admin.shared.options import lower_id

STAFF = "COMPLAINTS_STAFF"

ActorOption = Annotated[
    str | None,
    typer.Option("--as", metavar="ID", envvar=STAFF, callback=lower_id, help="Who acts: their staff id. (needed)"),
]
KeyedByOption = Annotated[
    str | None,
    typer.Option("--as", metavar="ID", envvar=STAFF, callback=lower_id, help="Who keys it; else your login name."),
]
WorklistOwnerOption = Annotated[
    str | None, typer.Option("--as", metavar="ID", envvar=STAFF, callback=lower_id, help="With --mine: whose worklist.")
]


def actor_name(option: str | None, *, or_login: bool = False) -> str | None:
    """Return the value of --as, else the login name if `or_login`; None if there is neither."""
    return lower_id(option or (login_name() if or_login else None))


def actor_errors(name: str | None) -> list[str]:
    """List the errors of --as where an actor is needed."""
    return id_errors("--as", STAFF_ID, name) if name else ["--as: is needed"]


def keyed_by(option: str | None) -> str:
    """Return who keys something: the value of --as, else the login name.

    Raises CommandError where there is neither.
    """
    name = actor_name(option, or_login=True)
    if name is None:
        raise bad_input("--as: is needed, because the login name is not known")
    if errors := actor_errors(name):
        raise bad_input(*errors)
    return name
