"""Start and stop a process: errors, stop event, listening socket, database engine."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from socket import socket

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.records.database import COMMAND_TIMEOUT_SECONDS, DATABASE_URL, RecordError, make_engine
from complaints.runtime.http_server import listen
from complaints.runtime.pools import named_pool
from complaints.settings import Address, Settings


def not_granted(missing: Sequence[str]) -> str:
    """Return the line for privileges that the database role lacks."""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return (
        f"database grants: this role lacks {missing[0]}{more}; migrate as the owner of the tables, "
        "with COMPLAINTS_SERVICE_ROLE set to this role: python -m complaints.records.migrate"
    )


class StartupError(Exception):
    """A process cannot start; one line for each thing that is missing or unreachable."""


def stop_event() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def listening_socket(setting: str, address: Address) -> socket:
    """Listen on the address that `setting` names. Raises StartupError."""
    try:
        return listen(address)
    except OSError as error:
        raise cannot_listen(setting, address, error.strerror) from error


def cannot_listen(setting: str, address: Address, reason: object) -> StartupError:
    """Return the error for an address on which this process cannot listen."""
    return StartupError(f"{setting}: cannot listen on {address} ({reason}); choose a free address of this machine")


def database_url_of(settings: Settings) -> str:
    """Return the database's address. Raises StartupError where it is not set."""
    if settings.database_url is None:
        raise StartupError("COMPLAINTS_DATABASE_URL: not set; give postgresql+asyncpg://user:password@host/database")
    return settings.database_url


@asynccontextmanager
async def open_engine(
    database_url: str,
    *,
    keys: KeyRing | None = None,
    pool: str,
    pool_size: int,
    command_timeout_seconds: float | None = COMMAND_TIMEOUT_SECONDS,
    setting: str = DATABASE_URL,
) -> AsyncIterator[AsyncEngine]:
    """Open an engine for the length of a `with` block. `pool` names it in the metrics.

    `keys`: of complaints; None: nothing personal is read or written. `command_timeout_seconds` None: no limit.
    Raises StartupError for a malformed address, which `setting` names.
    """
    try:
        engine = make_engine(
            database_url,
            keys=keys,
            pool_size=pool_size,
            command_timeout_seconds=command_timeout_seconds,
            setting=setting,
        )
    except RecordError as error:
        raise StartupError(str(error)) from error
    try:
        with named_pool(pool, engine):
            yield engine
    finally:
        await engine.dispose()
