"""The settings: from the environment, else from the local stack while `make up` runs. Built by entry points only."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from complaints.procedure.fields import like
from complaints.procedure.mistakes import mistakes_in

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
    task_queue: str = "complaints"

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """From the variables COMPLAINTS_DATABASE_URL and so on; an empty one is as good as none.

        Raises ValidationError, which `mistakes_in_settings` puts into words.
        """
        return cls.model_validate(
            {
                name.removeprefix(PREFIX).lower(): value
                for name, value in environment.items()
                if name.startswith(PREFIX) and value
            }
        )


@dataclass(frozen=True)
class Address:
    """An address of this machine and a port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _address(given: object) -> Address:
    """Raises ValueError."""
    host, _, port = str(given).rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError
    except ValueError:
        raise ValueError("give an IP address and a port, as in 127.0.0.1:8081") from None
    return Address(str(address), int(port))


VersionedAs = Annotated[str, AfterValidator(like(r"[A-Za-z0-9_-]{1,100}", "up to 100 letters, digits, _ and -"))]
BuildId = Annotated[str, AfterValidator(like(r"[A-Za-z0-9._-]{1,100}", "up to 100 letters, digits and . _ -"))]
ListensOn = Annotated[Address, BeforeValidator(_address)]


class WorkerSettings(Settings):
    """What a worker needs to know besides."""

    ready_file: Path | None = None
    """Made once it polls, taken away when it stops."""
    http: ListensOn | None = None
    """Where it tells whether it lives and is ready; None: nowhere."""
    metrics: ListensOn | None = None
    """Where Prometheus reads its figures; None: nowhere."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)] = "info"
    deployment: VersionedAs | None = None
    """The name under which Temporal knows the versions of this worker; None: it has no versions."""
    build_id: Annotated[BuildId | None, Field(validate_default=True)] = None
    """Which of them this one is."""

    @field_validator("build_id")
    @classmethod
    def _both_or_neither(cls, build_id: str | None, info: ValidationInfo) -> str | None:
        if "deployment" in info.data and (build_id is None) != (info.data["deployment"] is None):
            raise ValueError(f"goes with {PREFIX}DEPLOYMENT: give both, or neither")
        return build_id


def mistakes_in_settings(error: ValidationError) -> list[str]:
    """One line for each, with its variable."""
    lines = (line.partition(":") for line in mistakes_in(error))
    return [f"{PREFIX}{name.upper()}:{what}" for name, _, what in lines]


def read_environment() -> dict[str, str]:
    """The process's environment, above what the local stack says."""
    local = {name: value for name, value in dotenv_values(LOCAL_STACK).items() if value is not None}
    return {**local, **os.environ}
