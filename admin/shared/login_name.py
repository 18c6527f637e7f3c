"""The login name of this account, as a staff id."""

import getpass
import re


def login_name() -> str | None:
    """Return the login name as a staff id; None if the account has no name, as in a container."""
    try:
        return re.sub(r"[^a-z0-9._@+-]", "-", getpass.getuser().lower())
    except (OSError, KeyError):
        return None
