"""Who acts: the one place in which the staff's script establishes it.

Whoever is named is believed, on the command line or in COMPLAINTS_STAFF; the directory then says what they may do. A
proof of identity would come in here.
"""

import getpass
import re
from typing import Annotated

import typer

from admin.shared.context import STAFF_ID, id_errors
from admin.shared.errors import bad_input

STAFF = "COMPLAINTS_STAFF"

ActorOption = Annotated[str | None, typer.Option("--as", metavar="ID", envvar=STAFF, help="Who acts. (needed)")]
KeyedByOption = Annotated[
    str | None, typer.Option("--as", metavar="ID", envvar=STAFF, help="Who keys it; else whoever is logged in.")
]
WorklistOwnerOption = Annotated[
    str | None, typer.Option("--as", metavar="ID", envvar=STAFF, help="With --mine: who is to do it.")
]


def acting(given: str | None, *, or_login: bool = False) -> str | None:
    """None: nobody is named, nor, where that will do, logged in."""
    return given or (_login() if or_login else None)


def actor_errors(given: str | None) -> list[str]:
    """Where somebody must be named."""
    return id_errors("--as", STAFF_ID, given) if given else ["--as: is needed"]


def keyed_by(given: str | None) -> str:
    """Who keys something: the one given, else whoever is logged in. Raises CommandError."""
    by = acting(given, or_login=True)
    if by is None:
        raise bad_input("--as: is needed, for nobody is logged in")
    if errors := actor_errors(by):
        raise bad_input(*errors)
    return by


def _login() -> str | None:
    try:
        return re.sub(r"[^A-Za-z0-9._@+-]", "-", getpass.getuser())
    except (OSError, KeyError):  # an account without a name, as in a container
        return None
