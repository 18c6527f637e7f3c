"""The values of settings: each type with what it accepts, and the error for anything else."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError

from complaints.channels.addresses import Mailbox
from complaints.channels.smtp_settings import SmtpAddress
from complaints.procedure.field_types import pattern_validator

MIN_SECRET_LENGTH = 32


@dataclass(frozen=True)
class Address:
    """An IP address and a port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _parse_address(value: object) -> Address:
    host, _, port = str(value).rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError
    except ValueError:
        raise ValueError("give an IP address and a port, as in 127.0.0.1:8081") from None
    return Address(str(address), int(port))


LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]
DeploymentName = Annotated[
    str,
    AfterValidator(
        pattern_validator(r"(?!__)[A-Za-z0-9_/-]{1,200}", "up to 200 letters, digits and _ - /, and no __ at the start")
    ),
]
"""What Temporal accepts: its version strings join name and build id with a dot or a colon."""
MailDomain = Annotated[
    str, AfterValidator(pattern_validator(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "a domain such as example.org"))
]
RoleName = Annotated[
    str, AfterValidator(pattern_validator(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", "up to 63 letters, digits, _ and -"))
]
BuildId = Annotated[
    str, AfterValidator(pattern_validator(r"[A-Za-z0-9._-]{1,100}", "up to 100 letters, digits and . _ -"))
]


def _parse_smtp(value: object) -> SmtpAddress:
    return SmtpAddress.read(str(value))


def _parse_mailbox(value: object) -> Mailbox:
    try:
        return Mailbox.read(str(value))
    except ValidationError:
        raise ValueError("give an address such as Complaints <complaints@example.org>") from None


def _check_url(url: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(url.get_secret_value())
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError("give an address such as https://alerts.example.org/complaints")
    return url


def _check_length(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < MIN_SECRET_LENGTH:
        raise ValueError(f"give at least {MIN_SECRET_LENGTH} characters, such as those of: openssl rand -hex 32")
    return secret


def _parse_origin(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_origin = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_origin = False
    if not is_origin or value != f"{parts.scheme}://{parts.netloc}" or "@" in value or value != value.lower():
        raise ValueError("give a scheme, a name and a port as browsers send them, as in http://127.0.0.1:8233")
    return value


def _split_names(value: object) -> object:
    return [name.strip().lower() for name in value.split(",")] if isinstance(value, str) else value


def _split_key_names(value: object) -> object:
    return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


class WorkerRole(StrEnum):
    """A part of the work, which a worker serves or leaves to other workers."""

    COMPLAINTS = "complaints"
    OPERATIONS = "operations"
    DELIVERIES = "deliveries"
    REPORTS = "reports"


def _parse_roles(value: object) -> object:
    names = _split_names(value)
    if isinstance(names, list) and not set(names) <= set(WorkerRole):
        raise ValueError(f"give one or more of {', '.join(WorkerRole)}, separated by commas")
    return names


WorkerRoles = Annotated[frozenset[WorkerRole], BeforeValidator(_parse_roles)]
KeyName = Annotated[
    str,
    AfterValidator(
        pattern_validator(
            r"file:/[^\s,]+|vault:https?://[^\s,]+|aws-kms:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d+:key/[A-Za-z0-9-]+",
            "file:/PATH, vault:https://HOST/MOUNT/KEY?token_file=/PATH or aws-kms:ARN, separated by commas",
        )
    ),
]
KeyNames = Annotated[tuple[KeyName, ...], BeforeValidator(_split_key_names)]
HostName = Annotated[
    str, AfterValidator(pattern_validator(r"[a-z0-9-]+(\.[a-z0-9-]+)*", "names such as complaints.example.org"))
]
HostNames = Annotated[tuple[HostName, ...], BeforeValidator(_split_names)]
Origins = Annotated[tuple[Annotated[str, AfterValidator(_parse_origin)], ...], BeforeValidator(_split_names)]
Connections = Annotated[int, Field(ge=1, le=500)]
Pollers = Annotated[int, Field(ge=2, le=200)]
"""At least two: one for tasks of cached workflows, one for the others."""
ListenAddress = Annotated[Address, BeforeValidator(_parse_address)]
SmtpSetting = Annotated[SmtpAddress, BeforeValidator(_parse_smtp)]
MailboxSetting = Annotated[Mailbox, BeforeValidator(_parse_mailbox)]
WebhookUrl = Annotated[SecretStr, AfterValidator(_check_url)]
"""Secret, because anybody who has the address of a Slack or Teams channel can write to it."""
WebhookSecret = Annotated[SecretStr, AfterValidator(_check_length)]
