"""The settings: from the environment, else from the local stack while `make up` runs. Built by entry points only."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from complaints.channels.addresses import Mailbox
from complaints.channels.smtp_settings import SmtpAddress
from complaints.channels.webhook_payloads import WebhookKind
from complaints.procedure.field_types import HIDE_INPUT, like
from complaints.procedure.validation_messages import validation_errors

LOCAL_STACK = Path(__file__).parents[1] / ".local" / "environment"
"""Where the local stack says how it is reached, while it runs."""

PREFIX = "COMPLAINTS_"
SHORTEST_SECRET = 32

T = TypeVar("T")


class Settings(BaseModel):
    """What the product needs to know of its surroundings. Temporal's own settings are Temporal's (TEMPORAL_*)."""

    model_config = HIDE_INPUT

    database_url: str | None = None
    """postgresql+asyncpg://…"""
    policy: str = "financial-ombudsman-service"
    """A policy's name, or the path of a .toml file."""
    task_queue: str = "complaints"
    local_mail: Path | None = None
    """Where the local stack keeps the mail that it was sent."""

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


LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]
VersionedAs = Annotated[str, AfterValidator(like(r"[A-Za-z0-9_-]{1,100}", "up to 100 letters, digits, _ and -"))]
MailDomain = Annotated[str, AfterValidator(like(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "a domain such as example.org"))]
BuildId = Annotated[str, AfterValidator(like(r"[A-Za-z0-9._-]{1,100}", "up to 100 letters, digits and . _ -"))]


def _smtp(given: object) -> SmtpAddress:
    """Raises ValueError."""
    return SmtpAddress.read(str(given))


def _mailbox(given: object) -> Mailbox:
    """Raises ValueError."""
    try:
        return Mailbox.read(str(given))
    except ValidationError:
        raise ValueError("give an address such as Complaints <complaints@example.org>") from None


def _web(url: SecretStr) -> SecretStr:
    """Raises ValueError."""
    try:
        parts = urlsplit(url.get_secret_value())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError("give an address such as https://alerts.example.org/complaints")
    return url


def _hard_to_guess(secret: SecretStr) -> SecretStr:
    """Raises ValueError."""
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"give at least {SHORTEST_SECRET} characters, such as those of: openssl rand -hex 32")
    return secret


ListensOn = Annotated[Address, BeforeValidator(_address)]
TakesMail = Annotated[SmtpAddress, BeforeValidator(_smtp)]
WrittenMailbox = Annotated[Mailbox, BeforeValidator(_mailbox)]
WebAddress = Annotated[SecretStr, AfterValidator(_web)]
"""Secret, as whoever knows the address of a Slack or Teams channel may write to it."""
HardToGuess = Annotated[SecretStr, AfterValidator(_hard_to_guess)]


GO_TOGETHER = {"build_id": "deployment", "mail_from": "smtp", "webhook_secret": "webhook"}


class WorkerSettings(Settings):
    """What a worker needs to know besides."""

    ready_file: Path | None = None
    """Made once it polls, taken away when it stops."""
    http: ListensOn | None = None
    """Where it tells whether it lives and is ready; None: nowhere."""
    metrics: ListensOn | None = None
    """Where Prometheus reads its figures; None: nowhere."""
    log_level: LogLevel = "info"
    deployment: VersionedAs | None = None
    """The name under which Temporal knows the versions of this worker; None: it has no versions."""
    build_id: Annotated[BuildId | None, Field(validate_default=True)] = None
    """Which of them this one is."""
    smtp: TakesMail | None = None
    """The mail server: smtp://user:password@host:587?tls=starttls (or implicit, or none); None: no email goes."""
    mail_from: Annotated[WrittenMailbox | None, Field(validate_default=True)] = None
    """Whom email comes from."""
    staff_domain: MailDomain | None = None
    """Staff read their mail at ID@domain, a tier's lead at lead.TIER@domain; None: alerts by email wait."""
    letters: Path | None = None
    """The folder with `sender.toml`, which says who writes letters, and the templates that are to replace ours."""
    post_room: Path | None = None
    """The folder where the mail room takes letters as PDF; None: nothing goes by post."""
    reports: Path | None = None
    """The folder into which the annual report is drafted when a year has ended; None: no draft is made."""
    webhook: WebAddress | None = None
    """Who is told of alerts by a signed POST; None: nobody."""
    webhook_secret: Annotated[HardToGuess | None, Field(validate_default=True)] = None
    """What it is signed with."""
    webhook_kind: WebhookKind = WebhookKind.PLAIN
    """What its receiver reads."""

    @field_validator("build_id", "mail_from", "webhook_secret")
    @classmethod
    def _both_or_neither(cls, value: T, info: ValidationInfo) -> T:
        other = GO_TOGETHER[info.field_name or ""]
        if other in info.data and (value is None) != (info.data[other] is None):
            raise ValueError(f"goes with {PREFIX}{other.upper()}: give both, or neither")
        return value


class IntakeSettings(Settings):
    """What the intake service needs to know besides."""

    intake: ListensOn = Address("127.0.0.1", 8080)
    """Where it listens; in front of any other address than the loopback's stands a proxy that speaks TLS."""
    intake_rate: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Requests that a system may make each second, in the long run; for a moment twice as many."""
    intake_at_once: Annotated[int, Field(ge=1, le=1_000)] = 50
    """Requests of a system that are answered at the same time."""
    log_level: LogLevel = "info"


def settings_errors(error: ValidationError) -> list[str]:
    """One line for each, with its variable."""
    lines = (line.partition(":") for line in validation_errors(error))
    return [f"{PREFIX}{name.upper()}:{what}" for name, _, what in lines]


def read_environment() -> dict[str, str]:
    """The process's environment, above what the local stack says."""
    local = {name: value for name, value in dotenv_values(LOCAL_STACK).items() if value is not None}
    return {**local, **os.environ}
