"""The settings: from the environment, else from the local stack while `make up` runs. Built by entry points only."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import BaseModel

LOCAL_STACK = Path(__file__).parents[1] / ".local" / "environment"
"""Where the local stack says how it is reached, while it runs."""

PREFIX = "COMPLAINTS_"


class Settings(BaseModel):
    """What the product needs to know of its surroundings. Temporal's own settings are Temporal's (TEMPORAL_*)."""

    database_url: str | None = None
    """postgresql+asyncpg://…"""
    policy: str = "financial-ombudsman-service"
    """A policy's name, or the path of a .toml file."""
    staff: str | None = None
    """Who acts, where no --as is given."""
    ready_file: Path | None = None
    """Made by the worker once it polls, taken away when it stops."""
    task_queue: str = "complaints"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """From the variables COMPLAINTS_DATABASE_URL and so on."""
        return cls.model_validate(
            {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
        )


def read_environment() -> dict[str, str]:
    """The process's environment, above what the local stack says."""
    local = {name: value for name, value in dotenv_values(LOCAL_STACK).items() if value is not None}
    return {**local, **os.environ}
