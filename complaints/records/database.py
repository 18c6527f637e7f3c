"""Engine, timeouts and error translation for PostgreSQL; belongs to no one table."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLCertVerificationError
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from complaints.encryption.data_keys import KeyRing, KeysUnreachableError
from complaints.formatting.nul_characters import replace_escaped_nul
from complaints.postgresql.address import parse_address
from complaints.postgresql.errors import AddressError

DATABASE_URL = "COMPLAINTS_DATABASE_URL"
CONNECT_TIMEOUT_SECONDS = 1.5
COMMAND_TIMEOUT_SECONDS = 1.0
"""Short, because a complaint goes on without PostgreSQL and is recorded later."""
POOL_TIMEOUT_SECONDS = 1.0
"""Wait for a connection while the pool has none free."""

SETTINGS = {"application_name": "complaints", "timezone": "UTC"}
SESSION_SETTINGS = {"idle_in_transaction_session_timeout": "15s"}
"""Else a worker that crashes keeps its row locks until TCP notices. Behind PgBouncer, the role has this setting."""

_UNREACHABLE_SQLSTATES = ("08", "28", "3D000", "53300", "57P")
"""Prefixes: connection lost, login failed, no such database, too many clients, shutting down."""

_LOCKED_SQLSTATES = ("55P03", "40P01")
"""No lock within its timeout; a deadlock that PostgreSQL has ended."""

KEYS_OPTION = "complaints_keys"
"""The engine's option that holds the keys of complaints; `personal.encryption.keys_of` returns them."""


class RecordError(Exception):
    """PostgreSQL refused a statement. The message quotes no values, because operators see it."""


class RecordLockedError(RecordError):
    """Another transaction holds a lock for too long; a retry may succeed."""


class RecordUnreachableError(RecordError):
    """PostgreSQL is unavailable or configured otherwise; a retry may succeed."""


class DatabaseUrlError(RecordUnreachableError):
    """A database's address is wrong; a retry fails too."""


def make_engine(
    database_url: str,
    *,
    keys: KeyRing | None = None,
    pool_size: int = 5,
    command_timeout_seconds: float | None = COMMAND_TIMEOUT_SECONDS,
    setting: str = DATABASE_URL,
) -> AsyncEngine:
    """Create an engine for a database's address; it connects on first use.

    `keys`: of complaints; None: the program reads and writes nothing personal. `command_timeout_seconds` None: no
    timeout. `setting` names the address in an error. Raises DatabaseUrlError.
    """
    try:
        address = parse_address(database_url)
        engine = create_async_engine(
            address.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            hide_parameters=True,  # operators see errors, and parameters hold free text
            json_serializer=serialise_json,
            json_deserializer=from_json,
            execution_options={KEYS_OPTION: keys},
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "command_timeout": command_timeout_seconds,
                "server_settings": SETTINGS if address.is_pooled else SETTINGS | SESSION_SETTINGS,
                **address.driver_arguments,
            },
        )
    except (AddressError, ArgumentError) as error:
        raise DatabaseUrlError(f"{setting}: {error}") from error
    event.listen(engine.sync_engine, "checkout", _reject_closed_connection)
    event.listen(engine.sync_engine, "handle_error", _terminate_interrupted)
    return engine


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Raise RecordUnreachableError or RecordError for errors of the database driver."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error) from None  # the cause quotes the row
    except AddressError as error:
        raise RecordUnreachableError(f"PostgreSQL is unavailable: {error}") from None
    except SSLCertVerificationError as error:
        raise RecordUnreachableError(
            f"PostgreSQL is unavailable: its certificate is refused: {error.verify_message.rstrip('.')}; "
            "see sslmode and sslrootcert in COMPLAINTS_DATABASE_URL"
        ) from None
    except (OSError, PoolTimeoutError) as error:
        raise RecordUnreachableError(f"PostgreSQL is unavailable: {str(error) or 'no answer in time'}") from None


@contextmanager
def translate_key_errors() -> Iterator[None]:
    """Raise RecordUnreachableError while the key store is away.

    The record cannot be read without its keys.
    """
    try:
        yield
    except KeysUnreachableError as error:
        raise RecordUnreachableError(f"the key store is unavailable: {error}") from None


def _translate(error: DBAPIError) -> RecordError:
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    message = str(error.orig).removeprefix(f"{type(error.orig).__name__}: ") if error.orig else str(error)
    if error.connection_invalidated or isinstance(error, InterfaceError) or sqlstate.startswith(_UNREACHABLE_SQLSTATES):
        return RecordUnreachableError(f"PostgreSQL is unavailable: {message}")
    if sqlstate in _LOCKED_SQLSTATES:
        return RecordLockedError(f"PostgreSQL refused it ({sqlstate}): {message}")
    return RecordError(f"PostgreSQL refused it ({sqlstate or type(error).__name__}): {message}")


def _reject_closed_connection(connection: Any, *_: object) -> None:
    """Replace a connection that a server's restart closed; a ping would cost a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _terminate_interrupted(context: ExceptionContext) -> None:
    """Drop a connection after a timeout or a cancellation, without a closing handshake."""
    if isinstance(context.original_exception, TimeoutError | asyncio.CancelledError):
        context.is_disconnect = True
        if context.connection and not context.connection.invalidated:
            driver = context.connection.connection.driver_connection
            if driver:
                driver.terminate()


def serialise_json(value: object) -> str:
    """Serialise to JSON, with U+FFFD for NUL, which PostgreSQL cannot store."""
    return replace_escaped_nul(to_json(value).decode())
