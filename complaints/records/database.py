"""How the record is reached, and what is raised when it is not."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_SECONDS = 1.5
COMMAND_SECONDS = 1.0
"""A database that hangs gives up its callers soon: a complaint goes on without it, and records later."""
POOL_SECONDS = 1.0
"""How long a caller waits for a connection while all are taken."""

_UNREACHABLE = ("08", "28", "3D000", "53300", "57P")
"""SQLSTATEs, or how they begin: lost connections, log-in, no such database, too many clients, shutting down."""

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class RecordError(Exception):
    """The record refused something. The message holds none of what was written: it is shown to operators."""


class RecordUnreachableError(RecordError):
    """PostgreSQL does not answer, or not as configured; the same may succeed later."""


def make_engine(
    database_url: str, *, pool_size: int = 5, command_seconds: float | None = COMMAND_SECONDS
) -> AsyncEngine:
    """For a postgresql+asyncpg:// address; connects when first used. `command_seconds` None: no limit.

    Raises RecordUnreachableError for an address that is none.
    """
    try:
        engine = create_async_engine(
            database_url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            hide_parameters=True,  # errors are shown to operators, parameters are people's words
            json_serializer=stored_json,
            json_deserializer=from_json,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": command_seconds,
                "server_settings": {
                    "application_name": "complaints",
                    "timezone": "UTC",
                    # A worker that vanishes must not keep a complaint's row locked until TCP notices.
                    "idle_in_transaction_session_timeout": "15s",
                },
            },
        )
    except (ArgumentError, InvalidRequestError, ImportError) as error:
        raise RecordUnreachableError("the database's address is not of the form postgresql+asyncpg://…") from error
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _let_go)
    return engine


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Around each use of the database. Raises RecordUnreachableError or RecordError for the database's errors."""
    try:
        yield
    except DBAPIError as error:
        raise _translated(error) from None  # the cause's text quotes the row, and would travel with it
    except (OSError, PoolTimeoutError) as error:
        raise RecordUnreachableError(f"PostgreSQL is out of reach: {str(error) or 'no answer in time'}") from None


def _translated(error: DBAPIError) -> RecordError:
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    what = str(error.orig).removeprefix(f"{type(error.orig).__name__}: ") if error.orig else str(error)
    if error.connection_invalidated or isinstance(error, InterfaceError) or sqlstate.startswith(_UNREACHABLE):
        return RecordUnreachableError(f"PostgreSQL is out of reach: {what}")
    return RecordError(f"PostgreSQL refused it ({sqlstate or type(error).__name__}): {what}")


def _refuse_closed(connection: Any, *_: object) -> None:
    """Of a restarted server's old connections: known without asking the server, which would cost a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _let_go(context: ExceptionContext) -> None:
    """A connection that did not answer in time, or was left in the middle, is dropped without a farewell."""
    if isinstance(context.original_exception, TimeoutError | asyncio.CancelledError):
        context.is_disconnect = True
        if context.connection and not context.connection.invalidated:
            driver = context.connection.connection.driver_connection
            if driver:
                driver.terminate()


def stored_json(value: object) -> str:
    """As JSON; the character NUL, which PostgreSQL cannot store, becomes the replacement character."""
    text = to_json(value).decode()
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text
