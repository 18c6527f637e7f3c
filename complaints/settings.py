"""Settings, read by entry points from the environment, else from the local stack's file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator

from complaints.channels.webhook_payloads import WebhookKind
from complaints.oidc import OidcName, OidcScope, check_issuer
from complaints.postgresql.password_file import add_password_file
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.validation_messages import validation_errors
from complaints.runtime.urls import is_loopback
from complaints.setting_types import Address as Address
from complaints.setting_types import (
    BuildId,
    Connections,
    DeploymentName,
    HostNames,
    KeyNames,
    ListenAddress,
    LogLevel,
    MailboxSetting,
    MailDomain,
    Origins,
    Pollers,
    RoleName,
    SmtpSetting,
    WebhookSecret,
    WebhookUrl,
    WorkerRole,
    WorkerRoles,
)

PREFIX = "COMPLAINTS_"
TEMPORAL_NAMES = {"deployment": "temporal_deployment_name", "build_id": "temporal_worker_build_id"}
"""Settings that Temporal's Worker Controller sets by names of its own."""

T = TypeVar("T")


class Settings(BaseModel):
    """Settings of every process. Temporal's client reads its own (TEMPORAL_*)."""

    model_config = HIDE_INPUT

    database_url: Annotated[str | None, Field(repr=False)] = None
    """`postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE`; `parse_address` reads its parameters."""
    keys_url: Annotated[str | None, Field(repr=False)] = None
    """Address of the key store, a database of its own, written as `database_url`."""
    key_encryption_keys: KeyNames = ()
    """Keys that wrap the data keys: the first wraps, all unwrap."""
    policy: str = "financial-ombudsman-service"
    """Name of a shipped policy, or path of a .toml file."""
    task_queue: str = "complaints"
    local_mail: Path | None = None
    """Folder of the mail that the local stack receives."""
    letters: Path | None = None
    """Folder with `sender.toml`, which names the sender of letters, and your own templates."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables COMPLAINTS_DATABASE_URL and so on; an empty one counts as absent.

        Raises ValidationError, which `settings_errors` formats.
        """
        values = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value
        }
        for name in ("database", "keys"):
            if (file := values.get(f"{name}_password_file")) and (url := values.get(f"{name}_url")):
                values[f"{name}_url"] = add_password_file(url, file)
        return cls.model_validate(values)


REQUIRED_TOGETHER = {"build_id": "deployment", "mail_from": "smtp", "webhook_secret": "webhook"}
"""Each of the first is set if, and only if, its second is."""


class MigrationSettings(Settings):
    """Settings of the migration, which connects as the owner of the tables."""

    service_role: RoleName | None = None
    """Role of the worker, the intake service and the commands; None: the owner does all."""


class ServerSettings(Settings):
    """Settings of the processes that serve HTTP."""

    hosts: HostNames = ()
    """Names under which requests reach it; IP addresses and `localhost` need no entry."""
    log_level: LogLevel = "info"


class WorkerSettings(ServerSettings):
    """Settings of a worker."""

    serves: WorkerRoles = frozenset(WorkerRole)
    """Roles of this worker; by default all that have what they need."""
    ready_file: Path | None = None
    """File that exists while the worker polls."""
    http: ListenAddress | None = None
    """Address of the health endpoints; None: no endpoints."""
    metrics: ListenAddress | None = None
    """Address of the metrics endpoint for Prometheus; None: no endpoint."""
    temporal_deployment_name: DeploymentName | None = None
    """TEMPORAL_DEPLOYMENT_NAME, in place of COMPLAINTS_DEPLOYMENT."""
    temporal_worker_build_id: BuildId | None = None
    """TEMPORAL_WORKER_BUILD_ID, in place of COMPLAINTS_BUILD_ID."""
    deployment: Annotated[DeploymentName | None, Field(validate_default=True)] = None
    """Name of the worker deployment in Temporal; None: no Worker Versioning."""
    build_id: Annotated[BuildId | None, Field(validate_default=True)] = None
    """Version of this worker within the deployment."""
    smtp: SmtpSetting | None = None
    """Mail server: smtp://user:password@host:587?tls=starttls (or implicit, or none); None: no email."""
    mail_from: Annotated[MailboxSetting | None, Field(validate_default=True)] = None
    """Sender of every email."""
    staff_domain: MailDomain | None = None
    """Domain of staff, who read mail at ID@domain, and of leads, at lead.TIER@domain; None: their alerts wait."""
    post_room: Path | None = None
    """Folder from which the mail room prints letters (PDF); None: no letters by post."""
    reports: Path | None = None
    """Folder for the draft of the annual report when a year has ended; None: no draft."""
    audit_key: Path | None = None
    """File of the Ed25519 key (PEM) that signs the root of the record each day; None: nothing is signed."""
    audit_roots: Path | None = None
    """Folder for the signed roots, a file each day, out of reach of the database's owner."""
    webhook: WebhookUrl | None = None
    """Address to which alerts are posted, signed; None: none are posted."""
    webhook_secret: Annotated[WebhookSecret | None, Field(validate_default=True)] = None
    """Key of the signature."""
    webhook_kind: WebhookKind = WebhookKind.PLAIN
    """Payload that the receiver reads."""
    recording_connections: Connections = 20
    """Transitions recorded at a time, each with a database connection."""
    delivery_connections: Connections = 20
    """Letters and alerts sent at a time, each with a database connection."""
    workflow_pollers: Pollers = 20
    """Requests for complaints' workflow tasks that wait at Temporal."""
    activity_pollers: Pollers = 5
    """Requests for complaints' activities that wait at Temporal."""
    workflow_tasks: Annotated[int, Field(ge=1, le=1_000)] = 100
    """Workflow tasks of complaints in progress at a time."""
    cached_complaints: Annotated[int, Field(ge=10, le=100_000)] = 500
    """Complaints kept in memory; each other one is replayed from its history when it acts."""
    sticky_timeout: Annotated[float, Field(ge=0.5, le=60)] = 2
    """Seconds after which a cached complaint's task goes to any worker."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables, Temporal's own two among them. Raises ValidationError."""
        by_temporal = {PREFIX + name.upper(): environment.get(name.upper(), "") for name in TEMPORAL_NAMES.values()}
        return super().read({**environment, **by_temporal})

    @field_validator(*TEMPORAL_NAMES)
    @classmethod
    def _or_by_temporal(cls, value: str | None, info: ValidationInfo) -> str | None:
        name = TEMPORAL_NAMES[info.field_name or ""]
        by_temporal: str | None = info.data.get(name)
        if value and by_temporal and value != by_temporal:
            raise ValueError(f"differs from {name.upper()}, {by_temporal}; set one of them, or both to the same")
        return value or by_temporal

    @field_validator("build_id", "mail_from", "webhook_secret")
    @classmethod
    def _both_or_neither(cls, value: T, info: ValidationInfo) -> T:
        other = REQUIRED_TOGETHER[info.field_name or ""]
        if any(
            name not in info.data for name in (other, *(TEMPORAL_NAMES.values() if other in TEMPORAL_NAMES else ()))
        ):
            return value  # another line says what is wrong
        if (value is None) != (info.data[other] is None):
            is_by_temporal = other in TEMPORAL_NAMES and any(info.data[name] for name in TEMPORAL_NAMES.values())
            name = TEMPORAL_NAMES[other] if is_by_temporal else other
            raise ValueError(f"goes with {_variable(name)}; give both, or neither")
        return value


class SignInSettings(ServerSettings):
    """Settings of the processes at which staff sign in. Another base class has their address."""

    drain_seconds: Annotated[int, Field(ge=0, le=300)] = 0
    """Seconds from SIGTERM for which requests are answered, while `/readyz` says that it drains."""
    staff_domain: MailDomain | None = None
    """Domain of staff whose directory entry has no email: ID@domain."""
    local: bool = False
    """Whether this is the local stack, whose issuer signs in by a staff id alone."""
    audit_public_key: Path | None = None
    """File of the public keys (PEM) by which the record's roots are signed; None: no signature is checked."""
    audit_roots: Path | None = None
    """Folder of the signed roots, with which audits compare the record; None: with the record's own alone."""
    oidc_issuer: str | None = None
    """Issuer of staff's tokens (OpenID Connect); None: no staff can sign in."""
    oidc_audience: Annotated[OidcName | None, Field(validate_default=True)] = None
    """Audience of the access tokens: this service."""
    oidc_client_id: Annotated[OidcName | None, Field(validate_default=True)] = None
    """Client id of the staff's script at the issuer."""
    oidc_scope: OidcScope = "openid email offline_access"
    """Scopes for which the script asks."""

    @field_validator("oidc_issuer")
    @classmethod
    def _check_issuer(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        address = info.data.get("intake") or info.data.get("codec")
        on_loopback = address is not None and is_loopback(address.host)
        return issuer and check_issuer(issuer, is_local=bool(info.data.get("local")) and on_loopback)

    @field_validator("oidc_audience", "oidc_client_id")
    @classmethod
    def _with_issuer(cls, name: str | None, info: ValidationInfo) -> str | None:
        if "oidc_issuer" in info.data and (name is None) != (info.data["oidc_issuer"] is None):
            raise ValueError("goes with COMPLAINTS_OIDC_ISSUER; give both, or neither")
        if name and info.field_name == "oidc_client_id" and name == info.data.get("oidc_audience"):
            raise ValueError(
                "is the audience too, so an ID token would do for access; give the service its own audience"
            )
        return name


class IntakeAddress(ServerSettings):
    """The address of the intake service.

    A base class of its own, so that it is read before the issuer, which `SignInSettings` checks by it.
    """

    intake: ListenAddress = Address("127.0.0.1", 8080)
    """Address to listen on. Except on the loopback, put a TLS proxy in front of it."""


class IntakeSettings(SignInSettings, IntakeAddress):
    """Settings of the intake service."""

    intake_metrics: ListenAddress | None = None
    """Address of the metrics endpoint for Prometheus; None: no endpoint."""
    intake_rate: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Sustained requests per second of each system; a burst may be twice as many."""
    intake_at_once: Annotated[int, Field(ge=1, le=1_000)] = 50
    """Concurrent requests of each system."""
    intake_connections: Connections = 20
    """Database connections; requests beyond that wait for one."""


class CodecAddress(ServerSettings):
    """The address of the codec server; see `IntakeAddress`."""

    codec: ListenAddress = Address("127.0.0.1", 8083)
    """Address to listen on. Except on the loopback, put a TLS proxy in front of it."""


class CodecSettings(SignInSettings, CodecAddress):
    """Settings of the codec server."""

    codec_origins: Origins = ()
    """Origins of Temporal's page, the only pages that may send requests; none: only programs may."""

    @field_validator("local")
    @classmethod
    def _on_the_loopback(cls, local: bool, info: ValidationInfo) -> bool:
        address = info.data.get("codec")
        if local and address is not None and not is_loopback(address.host):
            raise ValueError(f"asks nobody for a token, so it is for the loopback; COMPLAINTS_CODEC is {address}")
        return local


def settings_errors(error: ValidationError) -> list[str]:
    """Format the errors: one line for each, with its variable."""
    lines = (line.partition(":") for line in validation_errors(error))
    return [f"{_variable(name)}:{what}" for name, _, what in lines]


def _variable(name: str) -> str:
    return name.upper() if name in TEMPORAL_NAMES.values() else f"{PREFIX}{name.upper()}"
