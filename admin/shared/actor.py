"""Options that name who acts. Only the local stack takes them: elsewhere people sign in.

Without one, the local stack signs in by the login name.
"""

from typing import Annotated

import typer

from admin.shared.errors import bad_input
from admin.shared.identifiers import staff_id_errors
from admin.shared.login_name import login_name
from admin.shared.options import lower_id, staff_option

STAFF = "COMPLAINTS_STAFF"

ActorOption = Annotated[
    str | None,
    typer.Option("--as", metavar="ID", envvar=STAFF, callback=lower_id, help="Who acts, on the local stack: their id."),
]
OnBehalfOf = Annotated[
    str | None,
    staff_option("For which colleague, or which system, you key it: both are recorded.", "--on-behalf-of"),
]


def actor_name(option: str | None, *, or_login: bool = False) -> str | None:
    """Return the value of --as, else the login name if `or_login`; None if there is neither."""
    return lower_id(option or (login_name() if or_login else None))


def actor_errors(name: str | None) -> list[str]:
    """List the errors of --as where an actor is needed."""
    return staff_id_errors("--as", name) if name else ["--as: is needed"]


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
