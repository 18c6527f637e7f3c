"""Create the tables of the key store: `python -m complaints.encryption.migrate`."""

import asyncio
import sys

from pydantic import ValidationError
from sqlalchemy import Connection, text

from complaints.encryption.key_store import KEYS_URL, VERSION
from complaints.environment import read_environment
from complaints.records.database import (
    DatabaseUrlError,
    RecordError,
    RecordUnreachableError,
    make_engine,
    translate_database_errors,
)
from complaints.records.tables.grants import NoServiceRoleError, check_role
from complaints.runtime.clock import monotonic
from complaints.settings import MigrationSettings, settings_errors

STARTUP_TIMEOUT_SECONDS = 30.0
"""Wait for a database that is starting."""
RETRY_INTERVAL_SECONDS = 0.2
EXIT_UNREACHABLE = 4

TABLES = """
    SELECT pg_advisory_xact_lock(7266375488);
    CREATE TABLE IF NOT EXISTS data_keys (
        id text PRIMARY KEY,
        subject text,
        wrapped bytea NOT NULL,
        wrapped_by text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        bound_at timestamptz,
        changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
        CHECK ((subject IS NULL) = (bound_at IS NULL))
    );
    CREATE INDEX IF NOT EXISTS ix_data_keys_subject ON data_keys (subject);
    CREATE INDEX IF NOT EXISTS ix_data_keys_changed_in ON data_keys (changed_in);
    CREATE TABLE IF NOT EXISTS destroyed_keys (
        subject text PRIMARY KEY,
        ids text[] NOT NULL,
        at timestamptz NOT NULL,
        by text NOT NULL,
        why text NOT NULL,
        changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()
    );
    CREATE INDEX IF NOT EXISTS ix_destroyed_keys_changed_in ON destroyed_keys (changed_in);
    CREATE TABLE IF NOT EXISTS key_store_version (version integer PRIMARY KEY)
"""
"""Idempotent. `changed_in` is the transaction that changed a row last, by which processes find changes."""
SET_VERSION = text("INSERT INTO key_store_version VALUES (:version) ON CONFLICT DO NOTHING")

GRANTS = {
    "data_keys": "SELECT, INSERT, UPDATE, DELETE",
    "destroyed_keys": "SELECT, INSERT, UPDATE (ids, changed_in)",
    "key_store_version": "SELECT",
}


def upgrade(keys_url: str, *, timeout_seconds: float = 0.0, service_role: str | None = None) -> None:
    """Create the tables that are missing; idempotent. Connect as their owner.

    `service_role` gets what `GRANTS` says; None: nothing is granted. Call it outside a running event loop.
    Retries for `timeout_seconds`, then raises RecordUnreachableError. Raises RecordError.
    """
    asyncio.run(_upgrade_with_retries(keys_url, timeout_seconds, service_role))


async def _upgrade_with_retries(keys_url: str, timeout_seconds: float, service_role: str | None) -> None:
    give_up_at = monotonic() + timeout_seconds
    while True:
        try:
            return await _upgrade(keys_url, service_role)
        except DatabaseUrlError:
            raise
        except RecordUnreachableError:
            if monotonic() + RETRY_INTERVAL_SECONDS > give_up_at:
                raise
            await asyncio.sleep(RETRY_INTERVAL_SECONDS)


async def _upgrade(keys_url: str, service_role: str | None) -> None:
    engine = make_engine(keys_url, pool_size=1, command_timeout_seconds=None, setting=KEYS_URL)
    try:
        with translate_database_errors():
            async with engine.begin() as connection:
                await connection.run_sync(_create, service_role)
    except NoServiceRoleError as error:
        raise RecordError(f"COMPLAINTS_SERVICE_ROLE: {error}") from error
    finally:
        await engine.dispose()


def _create(connection: Connection, service_role: str | None) -> None:
    for statement in TABLES.split(";"):
        connection.execute(text(statement))
    connection.execute(SET_VERSION, {"version": VERSION})
    if service_role:
        check_role(connection, service_role)
        to = connection.dialect.identifier_preparer.quote_identifier(service_role)
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {to}"))
        for table, privileges in GRANTS.items():
            connection.execute(text(f"REVOKE ALL ON {table} FROM {to}"))
            connection.execute(text(f"GRANT {privileges} ON {table} TO {to}"))


def main() -> int:
    """Create the tables; return the exit code."""
    try:
        settings = MigrationSettings.read(read_environment())
    except ValidationError as error:
        print("\n".join(settings_errors(error)), file=sys.stderr)
        return 2
    if settings.keys_url is None:
        print(f"{KEYS_URL}: not set; give postgresql+asyncpg://…", file=sys.stderr)
        return 2
    try:
        upgrade(settings.keys_url, timeout_seconds=STARTUP_TIMEOUT_SECONDS, service_role=settings.service_role)
    except DatabaseUrlError as error:
        print(error, file=sys.stderr)
        return 2
    except RecordError as error:
        print(f"key store: {error}", file=sys.stderr)
        return EXIT_UNREACHABLE if isinstance(error, RecordUnreachableError) else 1
    print(f"The key store is at version {VERSION}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
