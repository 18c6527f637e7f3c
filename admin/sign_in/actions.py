"""Sign in and out, and print who is signed in."""

from collections.abc import Mapping
from typing import Any

from admin.shared.api import Api, ServiceError
from admin.shared.errors import CommandError, Exit
from admin.shared.output import print_error, print_json, printable
from complaints.procedure.enums import humanize_code


def login(staff: str | None) -> None:
    """Sign in, and print who signed in. Raises CommandError."""
    with Api() as api:
        api.use_token(api.sign_in.login(staff, _show_code))
        try:
            who = api.get("/whoami")
        except ServiceError:
            api.sign_in.forget()
            raise
        print(printable(f"Signed in as {_describe(who)}."))


def logout() -> None:
    """Sign out at the service and at the provider. Raises CommandError."""
    with Api() as api:
        if not api.sign_in.is_signed_in:
            print("Nobody is signed in.")
            return
        left: list[str] = []
        for step in (lambda: api.post("/sign-out"), api.sign_in.forget):
            try:
                step()
            except CommandError as error:
                if error.code != Exit.REFUSED:  # as when the token is not valid any more
                    left += error.lines
        if left:
            raise CommandError(
                Exit.UNREACHABLE, *left, "You are signed out here; your last token stays valid until it expires"
            )
        print("Signed out.")


def print_who(staff: str | None, *, as_json: bool) -> None:
    """Print who is signed in. Raises CommandError."""
    with Api(staff) as api:
        who = api.get("/whoami")
    if as_json:
        print_json(who)
        return
    print(printable(_describe(who)))
    for title, names in (("acts as", who["roles"]), ("leads", who["leads"])):
        if names:
            print(printable(f"{title}: {humanize_code(', '.join(names))}"))


def print_token(staff: str | None) -> None:
    """Print an access token. Raises CommandError."""
    with Api(staff) as api:
        print(api.token())


def _describe(who: Mapping[str, Any]) -> str:
    return f"{who['name']} ({who['id']})"


def _show_code(device: Mapping[str, Any]) -> None:
    """Print the address and the code of a sign-in, while it waits for the person."""
    print_error(f"Open {device['verification_uri']} in a browser, and enter the code {device['user_code']}")
    if complete := device.get("verification_uri_complete"):
        print_error(f"Or open {complete}")
