"""Copies of a server's data: taken while it runs, and put back while it is stopped."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from local.servers.postgres import OWNER, binaries_for, run_program
from local.servers.temporal import database_file
from local.supervisor.accounts import unprivileged
from local.supervisor.ports import LOOPBACK


def copy_temporal(directory: Path, name: str) -> Path:
    """Copy the database of a running Temporal server; return the copy's path."""
    copy = directory / f"temporal-{name}.sqlite"
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database_file(directory))) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def put_temporal_back(directory: Path, copy: Path) -> None:
    """Replace the database of a stopped Temporal server by a copy, which stays."""
    database = database_file(directory)
    for suffix in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(copy, database)


def copy_postgres(directory: Path, port: int, name: str) -> Path:
    """Copy the data of a running PostgreSQL server with pg_basebackup; return the copy's path.

    Raises StackError.
    """
    account = unprivileged()
    home = (directory / "postgres").resolve()
    copy = home / f"data-{name}"
    shutil.rmtree(copy, ignore_errors=True)
    program = str(binaries_for(account) / "pg_basebackup")
    server = ("-h", LOOPBACK, "-p", str(port), "-U", OWNER, "--no-password")
    command = [program, *server, "-D", str(copy), "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
    run_program(command, home, account, more={"PGPASSWORD": (home / "password").read_text()})
    return copy


def put_postgres_back(directory: Path, copy: Path) -> None:
    """Replace the data of a stopped PostgreSQL server by a copy, which stays."""
    account = unprivileged()
    data = (directory / "postgres").resolve() / "data"
    shutil.rmtree(data)
    shutil.copytree(copy, data, symlinks=True)
    if account is not None:
        for path in (data, *data.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
