"""The environment of a process, which overrides the local stack's variables."""

import os
from pathlib import Path

LOCAL_ENVIRONMENT = Path(__file__).parents[1] / ".local" / "environment"
"""Variables of the local stack; the file exists while `make up` runs."""


def read_environment() -> dict[str, str]:
    """Return the process's environment, with the local stack's variables where it has none.

    Raises OSError.
    """
    local: dict[str, str] = {}
    if LOCAL_ENVIRONMENT.exists():
        from dotenv import dotenv_values  # most commands of the script run without a local stack

        local = {name: value for name, value in dotenv_values(LOCAL_ENVIRONMENT).items() if value is not None}
    return {**local, **os.environ}  # noqa: TID251 - the one place in which entry points read it
