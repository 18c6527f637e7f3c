"""Create or migrate all tables: `python -m complaints.records.migrate`."""

import asyncio
import sys
from time import monotonic

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import (
    DatabaseUrlError,
    RecordError,
    RecordUnreachableError,
    make_engine,
    translate_database_errors,
)
from complaints.records.tables.grants import NoServiceRoleError, grant, missing_grants
from complaints.settings import MigrationSettings, read_environment, settings_errors

STARTUP_TIMEOUT_SECONDS = 30.0
"""Wait for a database that is starting."""
RETRY_INTERVAL_SECONDS = 1.0
EXIT_UNREACHABLE = 4

_LOCK = 7_266_375_487
"""The advisory lock that keeps two migrations from running at once."""


def upgrade(database_url: str, *, timeout_seconds: float = 0.0, service_role: str | None = None) -> None:
    """Migrate to this version's tables, in one transaction; idempotent.

    Connect as the owner of the tables. `service_role` gets what `GRANTS` says; None: nothing is granted.
    Call it outside a running event loop. Retries for `timeout_seconds`, then raises RecordUnreachableError.
    Raises RecordError if a migration fails.
    """
    asyncio.run(_upgrade_with_retries(database_url, timeout_seconds, service_role))


async def is_current(engine: AsyncEngine) -> bool:
    """Check that the database has this version's tables. Raises RecordUnreachableError."""
    return await current_revision(engine) == ScriptDirectory.from_config(alembic_config()).get_current_head()


async def current_revision(engine: AsyncEngine) -> str | None:
    """Read the database's revision; None: no tables yet. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def list_missing_grants(engine: AsyncEngine) -> list[str]:
    """List what this connection's role may not do but must, such as `INSERT on letters`.

    Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(missing_grants)


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic without an ini file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "complaints.records:migrations")
    return config


async def _upgrade_with_retries(database_url: str, timeout_seconds: float, service_role: str | None) -> None:
    give_up_at = monotonic() + timeout_seconds
    while True:
        try:
            return await _upgrade(database_url, service_role)
        except DatabaseUrlError:
            raise
        except RecordUnreachableError:
            if monotonic() + RETRY_INTERVAL_SECONDS > give_up_at:
                raise
        await asyncio.sleep(RETRY_INTERVAL_SECONDS)


async def _upgrade(database_url: str, service_role: str | None) -> None:
    engine = make_engine(database_url, pool_size=1, command_timeout_seconds=None)  # a migration may take its time
    try:
        with translate_database_errors():
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
                if service_role:
                    await connection.run_sync(grant, service_role)
    except NoServiceRoleError as error:
        raise RecordError(f"COMPLAINTS_SERVICE_ROLE: {error}") from error
    except CommandError as error:
        raise RecordError(f"the migrations do not fit the database: {error}") from error
    finally:
        await engine.dispose()


def main() -> int:
    """Run the migrations; return the exit code."""
    try:
        settings = MigrationSettings.read(read_environment())
    except ValidationError as error:
        print("\n".join(settings_errors(error)), file=sys.stderr)
        return 2
    if settings.database_url is None:
        print("COMPLAINTS_DATABASE_URL: not set; give postgresql+asyncpg://…", file=sys.stderr)
        return 2
    try:
        upgrade(settings.database_url, timeout_seconds=STARTUP_TIMEOUT_SECONDS, service_role=settings.service_role)
    except DatabaseUrlError as error:
        print(error, file=sys.stderr)
        return 2
    except RecordError as error:
        print(error, file=sys.stderr)
        return EXIT_UNREACHABLE if isinstance(error, RecordUnreachableError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
