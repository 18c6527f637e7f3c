"""Brings the database to this version's tables: `python -m complaints.records.migrate`."""

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

PATIENCE_SECONDS = 30.0
"""How long the program waits for a database that is still starting."""
AGAIN_SECONDS = 1.0
OUT_OF_REACH = 4

_LOCK = 7_266_375_487
"""Of PostgreSQL's advisory locks, ours: two migrations at once take turns."""


def upgrade(database_url: str, *, patience: float = 0.0) -> None:
    """To the newest tables, in one transaction; without effect if they are there. Not for use in a running event loop.

    Tries for `patience` seconds, then raises RecordUnreachableError; RecordError if a migration fails.
    """
    asyncio.run(_with_patience(database_url, patience))


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the database has the tables of this version. Raises RecordUnreachableError."""
    return await current_revision(engine) == ScriptDirectory.from_config(alembic_config()).get_current_head()


async def current_revision(engine: AsyncEngine) -> str | None:
    """The database's migration; None: none yet. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(lambda it: MigrationContext.configure(it).get_current_revision())


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's, without a file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "complaints.records:migrations")
    return config


async def _with_patience(database_url: str, patience: float) -> None:
    until = monotonic() + patience
    while True:
        try:
            return await _upgrade(database_url)
        except RecordUnreachableError:
            if monotonic() + AGAIN_SECONDS > until:
                raise
        await asyncio.sleep(AGAIN_SECONDS)


async def _upgrade(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, command_seconds=None)  # a migration may take its time
    try:
        with translate_database_errors():
            async with engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                await connection.run_sync(lambda it: command.upgrade(alembic_config(it), "head"))
    except CommandError as error:
        raise RecordError(f"the migrations do not fit the database: {error}") from error
    finally:
        await engine.dispose()


def main() -> int:
    """The exit code."""
    settings = Settings.read(read_environment())
    if settings.database_url is None:
        print("COMPLAINTS_DATABASE_URL is not set", file=sys.stderr)
        return 2
    try:
        upgrade(settings.database_url, patience=PATIENCE_SECONDS)
    except RecordError as error:
        print(error, file=sys.stderr)
        return OUT_OF_REACH if isinstance(error, RecordUnreachableError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
