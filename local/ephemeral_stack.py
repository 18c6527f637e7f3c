"""Run servers for the length of a `with`, on free ports, in a directory of their own.

`local.supervisor.watcher` stops them at the end of the `with`, also when the process is killed.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from local.servers.keys import key_encryption_keys, key_settings_at
from local.servers.mail import mail_folder, mail_server, smtp_url
from local.servers.postgres import database_url, keys_url, postgres
from local.servers.temporal import NOTHING, temporal
from local.servers.temporal_page import temporal_page
from local.supervisor.ports import LOOPBACK, blocked_port, free_port
from local.supervisor.processes import take_away_the_dead
from local.supervisor.roles import Role
from local.supervisor.stack import EndedEarlyError, Stack

_ATTEMPTS = 3
"""Attempts to start: another program may take a free port before the server does."""


@dataclass(frozen=True)
class EphemeralStack:
    """Temporal, and PostgreSQL with two empty databases: no tables, no worker."""

    temporal_address: str
    """host:port. The namespace is `default`; the search attributes are registered."""
    ui_url: str
    """Temporal's web page; empty if it was not asked for."""
    codec_port: int
    """A free port, at which the page looks for a codec server."""
    database_url: str
    """SQLAlchemy URL (postgresql+asyncpg) for the service role."""
    keys_url: str
    """SQLAlchemy URL of the key store, a database of its own without tables, for its service role."""
    key_encryption_keys: str
    """The value for COMPLAINTS_KEY_ENCRYPTION_KEYS."""
    directory: Path
    """Data and logs of the stack; removed at the end."""

    @property
    def key_settings(self) -> Mapping[str, str]:
        """The environment variables by which a process opens the key ring."""
        return key_settings_at(self.keys_url, self.directory)


@contextmanager
def ephemeral_stack(*, page: bool = False) -> Iterator[EphemeralStack]:
    """Run Temporal, with its web page if asked for, and PostgreSQL. Raises StackError."""
    with _running(_with_page if page else _both) as (directory, ports):
        yield EphemeralStack(
            temporal_address=f"{LOOPBACK}:{ports.temporal}",
            ui_url=f"http://{LOOPBACK}:{ports.ui}" if page else "",
            codec_port=ports.codec,
            database_url=database_url(directory, ports.postgres),
            keys_url=keys_url(directory, ports.postgres),
            key_encryption_keys=key_encryption_keys(directory),
            directory=directory,
        )


@contextmanager
def ephemeral_temporal(dynamic_config: Mapping[str, str] = NOTHING) -> Iterator[str]:
    """Run Temporal; yield its address (host:port). Raises StackError."""
    with _running(partial(_temporal, dynamic_config=dynamic_config)) as (_, ports):
        yield f"{LOOPBACK}:{ports.temporal}"


@contextmanager
def ephemeral_postgres() -> Iterator[str]:
    """Run PostgreSQL; yield the service role's URL of its empty database. Raises StackError."""
    with _running(_postgres) as (directory, ports):
        yield database_url(directory, ports.postgres)


@contextmanager
def watched_directory() -> Iterator[Path]:
    """Make a directory whose stack is stopped, and which is removed, however this ends."""
    directory = Path(tempfile.mkdtemp(prefix="complaints-"))
    directory.chmod(0o711)  # so that PostgreSQL's account comes through it to its own folder
    watcher = subprocess.Popen(
        [sys.executable, "-m", "local.supervisor.watcher", str(directory)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    with watcher:  # its end closes the pipe, and waits for the watcher
        yield directory
    take_away_the_dead()


@dataclass(frozen=True)
class EphemeralMail:
    """A mail server that keeps every message in a folder and delivers none."""

    url: str
    """The value for COMPLAINTS_SMTP."""
    folder: Path
    """The folder of its messages; removed at the end."""


@contextmanager
def ephemeral_mail() -> Iterator[EphemeralMail]:
    """Run a mail server. Raises StackError."""
    with _running(_mail) as (directory, ports):
        yield EphemeralMail(smtp_url(ports.smtp), mail_folder(directory))


@dataclass(frozen=True)
class _Ports:
    postgres: int = field(default_factory=free_port)
    temporal: int = field(default_factory=free_port)
    ui: int = field(default_factory=free_port)
    blocked_ui: int = field(default_factory=blocked_port)
    codec: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    smtp: int = field(default_factory=free_port)


def _postgres(directory: Path, ports: _Ports) -> list[Role]:
    return [postgres(directory, port=ports.postgres, throw_away=True)]


def _temporal(
    directory: Path, ports: _Ports, dynamic_config: Mapping[str, str] = NOTHING, *, page: bool = False
) -> list[Role]:
    return [
        temporal(
            directory,
            port=ports.temporal,
            ui_port=ports.blocked_ui if page else None,
            codec_port=ports.codec if page else None,
            http_port=ports.http,
            throw_away=True,
            dynamic_config=dynamic_config,
        )
    ]


def _mail(directory: Path, ports: _Ports) -> list[Role]:
    return [mail_server(directory, port=ports.smtp)]


def _both(directory: Path, ports: _Ports) -> list[Role]:
    return _temporal(directory, ports) + _postgres(directory, ports)


def _with_page(directory: Path, ports: _Ports) -> list[Role]:
    page = temporal_page(port=ports.ui, behind=ports.blocked_ui)
    return [*_temporal(directory, ports, page=True), *_postgres(directory, ports), page]


@contextmanager
def _running(roles: Callable[[Path, _Ports], list[Role]]) -> Iterator[tuple[Path, _Ports]]:
    with watched_directory() as directory:
        for attempt in range(1, _ATTEMPTS + 1):
            ports = _Ports()
            try:
                Stack(directory).start(roles(directory, ports))
                break
            except EndedEarlyError:
                if attempt == _ATTEMPTS:
                    raise
                Stack(directory).stop()
        yield directory, ports
