"""Create or migrate all tables: `python -m complaints.records.migrate`."""

import asyncio
import sys
from time import monotonic

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import RecordError, RecordUnreachableError, make_engine, translate_database_errors
from complaints.settings import Settings, read_environment

STARTUP_TIMEOUT_SECONDS = 30.0
"""Wait for a database that is starting."""
RETRY_INTERVAL_SECONDS = 1.0
EXIT_UNREACHABLE = 4

_LOCK = 7_266_375_487
"""The advisory lock that keeps two migrations from running at once."""


def upgrade(database_url: str, *, timeout_seconds: float = 0.0) -> None:
    """Migrate to this version's tables, in one transaction; idempotent.

    Call it outside a running event loop. Retries for `timeout_seconds`, then raises RecordUnreachableError.
    Raises RecordError if a migration fails.
    """
    asyncio.run(_upgrade_with_retries(database_url, timeout_seconds))


async def is_current(engine: AsyncEngine) -> bool:
    """Check that the database has this version's tables. Raises RecordUnreachableError."""
    return await current_revision(engine) == ScriptDirectory.from_config(alembic_config()).get_current_head()


async def current_revision(engine: AsyncEngine) -> str | None:
    """Read the database's revision; None: no tables yet. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic without an ini file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "complaints.records:migrations")
    return config


async def _upgrade_with_retries(database_url: str, timeout_seconds: float) -> None:
    give_up_at = monotonic() + timeout_seconds
    while True:
        try:
            return await _upgrade(database_url)
        except RecordUnreachableError:
            if monotonic() + RETRY_INTERVAL_SECONDS > give_up_at:
                raise
        await asyncio.sleep(RETRY_INTERVAL_SECONDS)


async def _upgrade(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, command_timeout_seconds=None)  # a migration may take its time
    try:
        with translate_database_errors():
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
    except CommandError as error:
        raise RecordError(f"the migrations do not fit the database: {error}") from error
    finally:
        await engine.dispose()


def main() -> int:
    """Run the migrations; return the exit code."""
    settings = Settings.read(read_environment())
    if settings.database_url is None:
        print("COMPLAINTS_DATABASE_URL: not set; give postgresql+asyncpg://…", file=sys.stderr)
        return 2
    try:
        upgrade(settings.database_url, timeout_seconds=STARTUP_TIMEOUT_SECONDS)
    except RecordError as error:
        print(error, file=sys.stderr)
        return EXIT_UNREACHABLE if isinstance(error, RecordUnreachableError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
