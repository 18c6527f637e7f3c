"""Servers for the length of a `with`: free ports, a directory of their own, and nothing left behind.

They end with the `with`, and also when the process which opened it is killed: `local.supervisor.watcher` sees to both.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from local.servers.mail import mail_folder, mail_server, smtp_url
from local.servers.postgres import database_url, postgres
from local.servers.temporal import NOTHING, temporal
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import take_away_the_dead
from local.supervisor.roles import Role
from local.supervisor.stack import EndedEarlyError, Stack

_ATTEMPTS = 3
"""A free port may be lost to another program before its server takes it; three times in a row is no such accident."""


@dataclass(frozen=True)
class EphemeralStack:
    """Temporal and a PostgreSQL whose database is empty: none of the project's tables, no worker."""

    temporal_address: str
    """host:port, for clients and workers. The namespace is `default`; the search attributes are registered."""
    ui_url: str
    """Temporal's web page."""
    database_url: str
    """For SQLAlchemy (postgresql+asyncpg)."""
    directory: Path
    """Of the stack's data and logs; gone at the end."""


@contextmanager
def ephemeral_stack() -> Iterator[EphemeralStack]:
    """Temporal and PostgreSQL. Raises StackError when they cannot be started."""
    with _running(_both) as (directory, ports):
        yield EphemeralStack(
            temporal_address=f"{LOOPBACK}:{ports.temporal}",
            ui_url=f"http://{LOOPBACK}:{ports.ui}",
            database_url=database_url(directory, ports.postgres),
            directory=directory,
        )


@contextmanager
def ephemeral_temporal(dynamic_config: Mapping[str, str] = NOTHING) -> Iterator[str]:
    """Temporal alone; yields its address (host:port). Raises StackError when it cannot be started."""
    with _running(partial(_temporal, dynamic_config=dynamic_config)) as (_, ports):
        yield f"{LOOPBACK}:{ports.temporal}"


@contextmanager
def ephemeral_postgres() -> Iterator[str]:
    """PostgreSQL alone; yields the URL of its empty database. Raises StackError when it cannot be started."""
    with _running(_postgres) as (directory, ports):
        yield database_url(directory, ports.postgres)


@contextmanager
def watched_directory() -> Iterator[Path]:
    """A new directory, whose stack is stopped and which is removed when this ends, in whatever way it ends."""
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
    """A mail server that delivers nothing."""

    url: str
    """For COMPLAINTS_SMTP."""
    folder: Path
    """Of the messages it took; gone at the end."""


@contextmanager
def ephemeral_mail() -> Iterator[EphemeralMail]:
    """A mail server alone. Raises StackError when it cannot be started."""
    with _running(_mail) as (directory, ports):
        yield EphemeralMail(smtp_url(ports.smtp), mail_folder(directory))


@dataclass(frozen=True)
class _Ports:
    postgres: int = field(default_factory=free_port)
    temporal: int = field(default_factory=free_port)
    ui: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    smtp: int = field(default_factory=free_port)


def _postgres(directory: Path, ports: _Ports) -> list[Role]:
    return [postgres(directory, port=ports.postgres, throw_away=True)]


def _temporal(directory: Path, ports: _Ports, dynamic_config: Mapping[str, str] = NOTHING) -> list[Role]:
    return [
        temporal(
            directory,
            port=ports.temporal,
            ui_port=ports.ui,
            http_port=ports.http,
            throw_away=True,
            dynamic_config=dynamic_config,
        )
    ]


def _mail(directory: Path, ports: _Ports) -> list[Role]:
    return [mail_server(directory, port=ports.smtp)]


def _both(directory: Path, ports: _Ports) -> list[Role]:
    return _temporal(directory, ports) + _postgres(directory, ports)


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
