"""Run the stack in the background, with its data in `.local`: `make up` and `make down`.

While it runs, the project's commands read its addresses from `.local/environment` (lines of
NAME=value, readable by its owner only).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local.servers.channels import LETTERS, channels
from local.servers.codec import codec, codec_url
from local.servers.intake import intake
from local.servers.keys import audit_settings, key_settings
from local.servers.mail import mail_folder, mail_server, smtp_url
from local.servers.postgres import database_url, postgres
from local.servers.sign_in import sign_in, sign_in_settings
from local.servers.temporal import temporal
from local.servers.temporal_page import temporal_page
from local.servers.worker import ROOT, worker
from local.supervisor.ports import BLOCKED, LOOPBACK
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack

DIRECTORY = ROOT / ".local"


@dataclass(frozen=True)
class Ports:
    """Loopback ports of the stack."""

    temporal: int
    ui: int
    """Temporal's web page."""
    blocked_ui: int
    """The page's own server, at a port that browsers block."""
    postgres: int
    http: int
    """The worker's health endpoint."""
    metrics: int
    """The worker's Prometheus metrics."""
    smtp: int
    """The mail server."""
    intake: int
    """The intake service."""
    intake_metrics: int
    """The intake service's Prometheus metrics."""
    sign_in: int
    """The identity provider."""
    codec: int
    """The codec server."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Ports":
        """Read the ports from the environment, or use the defaults. Raises StackError."""
        return cls(
            temporal=_port(environment, "TEMPORAL_PORT", 7233),
            ui=_port(environment, "TEMPORAL_UI_PORT", 8233),
            blocked_ui=_blocked_port(environment, "TEMPORAL_BLOCKED_UI_PORT"),
            postgres=_port(environment, "COMPLAINTS_POSTGRES_PORT", 5433),
            http=_port(environment, "COMPLAINTS_HTTP_PORT", 8081),
            metrics=_port(environment, "COMPLAINTS_METRICS_PORT", 9464),
            smtp=_port(environment, "COMPLAINTS_SMTP_PORT", 8025),
            intake=_port(environment, "COMPLAINTS_INTAKE_PORT", 8080),
            intake_metrics=_port(environment, "COMPLAINTS_INTAKE_METRICS_PORT", 9465),
            sign_in=_port(environment, "COMPLAINTS_SIGN_IN_PORT", 8082),
            codec=_port(environment, "COMPLAINTS_CODEC_PORT", 8083),
        )

    @property
    def temporal_address(self) -> str:
        return f"{LOOPBACK}:{self.temporal}"

    @property
    def ui_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ui}"

    @property
    def http_address(self) -> str:
        return f"{LOOPBACK}:{self.http}"

    @property
    def intake_url(self) -> str:
        return f"http://{LOOPBACK}:{self.intake}"

    @property
    def codec_url(self) -> str:
        return codec_url(self.codec)

    @property
    def metrics_address(self) -> str:
        return f"{LOOPBACK}:{self.metrics}"


def servers(directory: Path, ports: Ports) -> list[Role]:
    """Return the servers, Temporal first: it starts while PostgreSQL's data is initialised."""
    return [
        replace(
            temporal(directory, port=ports.temporal, ui_port=ports.blocked_ui, codec_port=ports.codec),
            ports={ports.temporal: "TEMPORAL_PORT", ports.blocked_ui: "TEMPORAL_BLOCKED_UI_PORT"},
        ),
        replace(
            postgres(directory, port=ports.postgres),
            ports={ports.postgres: "COMPLAINTS_POSTGRES_PORT"},
        ),
    ]


def up(ports: Ports, tell: Callable[[str], None]) -> list[str]:
    """Start what is not running; return the names of what was started. Raises StackError."""
    DIRECTORY.mkdir(exist_ok=True)
    roles = servers(DIRECTORY, ports)
    page = temporal_page(port=ports.ui, behind=ports.blocked_ui)
    roles.append(replace(page, ports={ports.ui: "TEMPORAL_UI_PORT"}))
    roles.append(replace(mail_server(DIRECTORY, port=ports.smtp), ports={ports.smtp: "COMPLAINTS_SMTP_PORT"}))
    roles.append(replace(sign_in(DIRECTORY, port=ports.sign_in), ports={ports.sign_in: "COMPLAINTS_SIGN_IN_PORT"}))
    url = database_url(DIRECTORY, ports.postgres)
    keys = {**key_settings(DIRECTORY, ports.postgres), **audit_settings(DIRECTORY)}
    leaves_by = channels(smtp_url(ports.smtp), DIRECTORY / "post", mail_folder(DIRECTORY))
    does_the_work = worker(
        DIRECTORY,
        temporal_address=ports.temporal_address,
        database_url=url,
        keys=keys,
        listens={"COMPLAINTS_HTTP": ports.http_address, "COMPLAINTS_METRICS": ports.metrics_address},
        channels=leaves_by,
    )
    its_ports = {ports.http: "COMPLAINTS_HTTP_PORT", ports.metrics: "COMPLAINTS_METRICS_PORT"}
    roles.append(replace(does_the_work, ports=its_ports))
    serves = intake(
        DIRECTORY,
        port=ports.intake,
        temporal_address=ports.temporal_address,
        database_url=url,
        keys=keys,
        metrics=f"{LOOPBACK}:{ports.intake_metrics}",
        letters=LETTERS,
        sign_in=sign_in_settings(ports.sign_in),
    )
    its_ports = {ports.intake: "COMPLAINTS_INTAKE_PORT", ports.intake_metrics: "COMPLAINTS_INTAKE_METRICS_PORT"}
    roles.append(replace(serves, ports=its_ports))
    decodes = codec(
        port=ports.codec,
        page_port=ports.ui,
        database_url=url,
        keys=keys,
        sign_in=sign_in_settings(ports.sign_in),
    )
    roles.append(replace(decodes, ports={ports.codec: "COMPLAINTS_CODEC_PORT"}))
    started = Stack(DIRECTORY).start(roles, tell)
    _write_environment(
        {
            "TEMPORAL_ADDRESS": ports.temporal_address,
            "COMPLAINTS_DATABASE_URL": url,
            "COMPLAINTS_URL": ports.intake_url,
            **keys,
            **leaves_by,
        }
    )
    return started


def down() -> list[str]:
    """Stop everything; return the names of what was stopped. The data stays."""
    if not DIRECTORY.exists():
        return []
    _environment_file().unlink(missing_ok=True)
    return Stack(DIRECTORY).stop()


def erase() -> None:
    """Stop everything and remove the data."""
    if DIRECTORY.exists():
        Stack(DIRECTORY).erase()


def _environment_file() -> Path:
    return DIRECTORY / "environment"


def _write_environment(values: Mapping[str, str]) -> None:
    growing = DIRECTORY / "environment.new"
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    growing.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    growing.replace(_environment_file())


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    said = environment.get(variable, str(default))
    if not (said.isascii() and said.isdecimal() and 0 < int(said) < 65536):
        raise StackError(f"{variable} is {said!r}, which is no port; give a number from 1 to 65535")
    return int(said)


def _blocked_port(environment: Mapping[str, str], variable: str) -> int:
    port = _port(environment, variable, BLOCKED[0])
    if port not in BLOCKED:
        raise StackError(f"{variable}: browsers connect to {port}; give one of {', '.join(map(str, BLOCKED))}")
    return port
