"""Options that name who acts. Only the local stack takes them: elsewhere people sign in.

Without one, the local stack signs in by the login name.
"""

from typing import Annotated

import typer

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
