"""`login`, `logout`, `whoami` and `token`: sign in, and see who is signed in."""

from typing import Annotated

import typer

from admin.shared.options import Json, Panel, lower_id, option

app = typer.Typer()

Id = Annotated[
    str | None,
    typer.Argument(metavar="[ID]", callback=lower_id, help="On the local stack: the staff id; no browser is needed."),
]
As = Annotated[str | None, option("ID", "Who asks, on the local stack: their staff id.", "--as")]


@app.command("login", rich_help_panel=Panel.SIGNING_IN, epilog="Example: complaints login")
def login(staff: Id = None) -> None:
    """Sign in: open the address that is printed, and enter the code there."""
    from admin.sign_in.actions import login

    login(staff)


@app.command("logout", rich_help_panel=Panel.SIGNING_IN, epilog="Example: complaints logout")
def logout() -> None:
    """Sign out: the tokens of this sign-in are valid no more."""
    from admin.sign_in.actions import logout

    logout()


@app.command("whoami", rich_help_panel=Panel.SIGNING_IN, epilog="Example: complaints whoami")
def who_am_i(staff: As = None, json: Json = False) -> None:
    """Print who is signed in, with their roles."""
    from admin.sign_in.actions import print_who

    print_who(staff, as_json=json)


@app.command("token", rich_help_panel=Panel.SIGNING_IN, epilog="Example: complaints token")
def token(staff: As = None) -> None:
    """Print an access token, for a program that calls the service as you."""
    from admin.sign_in.actions import print_token

    print_token(staff)
