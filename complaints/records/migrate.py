"""Create or migrate all tables: `python -m complaints.records.migrate`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from functools import partial

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.environment import read_environment
from complaints.records.database import (
    DatabaseUrlError,
    RecordError,
    RecordLockedError,
    RecordUnreachableError,
    make_engine,
    translate_database_errors,
)
from complaints.records.migrations.indexes import LOCK_TIMEOUT
from complaints.records.migrations.revisions import (
    MIGRATE,
    OLDEST_REVISION,
    alembic_config,
    compatible_from,
    incompatibility,
    known_revisions,
    revision_of,
)
from complaints.records.tables.grants import NoServiceRoleError, check_role, grant, missing_grants
from complaints.runtime.clock import monotonic
from complaints.settings import MigrationSettings, settings_errors

STARTUP_TIMEOUT_SECONDS = 30.0
"""Wait for a database that is starting."""
RETRY_INTERVAL_SECONDS = 1.0
_UNREACHABLE_INTERVAL_SECONDS = 0.2
"""A server that starts is waited for no longer than it takes."""
LOCK_ATTEMPTS = 10
EXIT_UNREACHABLE = 4

_LOCK = 7_266_375_487
"""The advisory lock that keeps two migrations from running at once."""
_TURN_INTERVAL_SECONDS = 0.1


def upgrade(
    database_url: str, *, timeout_seconds: float = 0.0, service_role: str | None = None, stopped: bool = False
) -> str:
    """Migrate to this version's tables, each migration in a transaction; idempotent.

    Return in one line what the database is now. Connect as the owner of the tables. `service_role` gets what `GRANTS`
    says; None: nothing is granted. `stopped`: no older version runs, so that a migration may break it.
    Call it outside a running event loop. Retries for `timeout_seconds`, then raises RecordUnreachableError.
    Raises RecordError if a migration fails, or the database is too new for this version.
    """
    return asyncio.run(_upgrade_with_retries(database_url, timeout_seconds, service_role, stopped=stopped))


async def list_missing_grants(engine: AsyncEngine) -> list[str]:
    """List what this connection's role may not do but must, such as `INSERT on letters`.

    Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(missing_grants)


async def _upgrade_with_retries(
    database_url: str, timeout_seconds: float, service_role: str | None, *, stopped: bool
) -> str:
    give_up_at, attempts = monotonic() + timeout_seconds, 0
    while True:
        try:
            return await _upgrade(database_url, service_role, stopped=stopped)
        except DatabaseUrlError:
            raise
        except RecordUnreachableError:
            if monotonic() + _UNREACHABLE_INTERVAL_SECONDS > give_up_at:
                raise
            await asyncio.sleep(_UNREACHABLE_INTERVAL_SECONDS)
            continue
        except RecordLockedError as error:
            attempts += 1
            print(f"attempt {attempts} of {LOCK_ATTEMPTS}: another transaction holds a lock: {error}", file=sys.stderr)
            if attempts == LOCK_ATTEMPTS:
                raise RecordError(
                    "a transaction keeps the migration from a lock that it needs; end it (pg_stat_activity shows it; "
                    f"a backup is one, too), then run: {MIGRATE}"
                ) from error
        await asyncio.sleep(RETRY_INTERVAL_SECONDS)


async def _upgrade(database_url: str, service_role: str | None, *, stopped: bool) -> str:
    engine = make_engine(database_url, pool_size=1, command_timeout_seconds=None)  # a migration may take its time
    try:
        with translate_database_errors():
            async with engine.connect() as connection:
                await _take_turn(connection)
                return await connection.run_sync(partial(_migrate, service_role=service_role, stopped=stopped))
    except NoServiceRoleError as error:
        raise RecordError(f"COMPLAINTS_SERVICE_ROLE: {error}") from error
    except CommandError as error:
        raise RecordError(f"the migrations do not fit the database: {error}") from error
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Take the lock of migrations, for as long as the connection is open.

    Ask again and again: a statement that waits for the lock would hold up an index that is built concurrently.
    """
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
        await connection.commit()
        await asyncio.sleep(_TURN_INTERVAL_SECONDS)
    await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    await connection.commit()


def _migrate(connection: Connection, *, service_role: str | None, stopped: bool) -> str:
    database, known = revision_of(connection), known_revisions()
    if database.revision and database.revision not in known:
        if problem := incompatibility(database, known, OLDEST_REVISION):
            raise RecordError(f"the migrations do not fit the database: it is {problem}")
        return f"The database is at revision {database.revision}, newer than this version, which runs on it."
    if database.revision and not stopped:
        _refuse_to_break(database.revision, known)
    if service_role:
        check_role(connection, service_role)
    connection.commit()
    command.upgrade(alembic_config(connection), "head")
    if service_role:
        grant(connection, service_role)
        connection.commit()
    database = revision_of(connection)
    return f"The database is at revision {database.revision}; versions from {database.compatible_from} run on it."


def _refuse_to_break(revision: str, known: list[str]) -> None:
    """Refuse to migrate where the version that came with the database's revision would break."""
    newest = ScriptDirectory.from_config(alembic_config()).get_revision(known[-1])
    oldest = compatible_from(newest)
    if known.index(oldest) > known.index(revision):
        raise RecordError(
            f"only versions from {oldest} run on the newest migration, {known[-1]}, and the database is at {revision}; "
            f"deploy the version of {oldest} first, or stop all workers and intake services, and run: "
            f"{MIGRATE} --stopped"
        )


def main(arguments: Sequence[str] = ()) -> int:
    """Run the migrations; return the exit code."""
    parser = argparse.ArgumentParser(prog=MIGRATE, description="Bring the database to this version's migration.")
    parser.add_argument("--stopped", action="store_true", help="no older worker or intake service runs")
    options = parser.parse_args(arguments)
    try:
        settings = MigrationSettings.read(read_environment())
    except ValidationError as error:
        print("\n".join(settings_errors(error)), file=sys.stderr)
        return 2
    if settings.database_url is None:
        print("COMPLAINTS_DATABASE_URL: not set; give postgresql+asyncpg://…", file=sys.stderr)
        return 2
    try:
        result = upgrade(
            settings.database_url,
            timeout_seconds=STARTUP_TIMEOUT_SECONDS,
            service_role=settings.service_role,
            stopped=options.stopped,
        )
        print(result)
    except DatabaseUrlError as error:
        print(error, file=sys.stderr)
        return 2
    except RecordError as error:
        print(error, file=sys.stderr)
        return EXIT_UNREACHABLE if isinstance(error, RecordUnreachableError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
