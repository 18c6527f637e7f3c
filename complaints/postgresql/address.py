"""Read a database's address: TLS as libpq writes it, a password from a file, PgBouncer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from complaints.formatting.suggestion import unknown_name
from complaints.postgresql.errors import AddressError
from complaints.postgresql.password_file import read_password
from complaints.postgresql.tls import FILES, tls_argument

EXAMPLE = "postgresql+asyncpg://…"
DRIVERNAMES = ("postgresql+asyncpg", "postgresql", "postgres")
HOSTS = ("host", "port")
"""Parameters that SQLAlchemy reads: several servers of a cluster."""
SESSIONS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
PARAMETERS = ("sslmode", *FILES, "pgbouncer", "password_file", "target_session_attrs", *HOSTS)

WITHOUT_NAMED_STATEMENTS = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}
"""For PgBouncer: a statement with a name exists on one server connection, and the next one may be another."""


@dataclass(frozen=True)
class DatabaseAddress:
    """An address, as SQLAlchemy and its driver take it."""

    url: URL
    driver_arguments: dict[str, Any]
    is_pooled: bool
    """A PgBouncer in transaction mode is between: there is no session, so nothing is set for one."""


def parse_address(text: str) -> DatabaseAddress:
    """Parse `postgresql+asyncpg://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`.

    Raises AddressError. Reads the files of certificates and the password, so that a wrong one is an error
    at the start.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise AddressError(f"the database URL is malformed; give {EXAMPLE}") from None
    if url.drivername not in DRIVERNAMES:
        raise AddressError(f"the database URL is malformed; give {EXAMPLE}")
    parameters = _parameters(url)
    arguments: dict[str, Any] = {}
    if file := parameters.get("password_file"):
        if url.password:
            raise AddressError("password: it is in the address and in a file; give one of them")
        read_password(file)
        # For each new connection, so that a new password is used at once.
        arguments["password"] = partial(read_password, file)
    if (wanted := parameters.get("target_session_attrs")) is not None:
        if wanted not in SESSIONS:
            raise AddressError(f"target_session_attrs: {unknown_name(wanted, SESSIONS)}")
        arguments["target_session_attrs"] = wanted
    arguments |= tls_argument(parameters)
    is_pooled = _flag("pgbouncer", parameters.get("pgbouncer"))
    if is_pooled:
        arguments |= WITHOUT_NAMED_STATEMENTS
    hosts = {name: value for name, value in url.query.items() if name in HOSTS}
    return DatabaseAddress(url.set(drivername=DRIVERNAMES[0], query=hosts), arguments, is_pooled)


def _parameters(url: URL) -> Mapping[str, str]:
    """Return the parameters, `ssl` (SQLAlchemy's name) as `sslmode`. Raises AddressError."""
    parameters: dict[str, str] = {}
    for given, value in url.query.items():
        if given in HOSTS:
            continue
        name = "sslmode" if given == "ssl" else given
        if name not in PARAMETERS:
            raise AddressError(f"parameter {name}: {unknown_name(name, PARAMETERS)}")
        if name in parameters or not isinstance(value, str):
            raise AddressError(f"{name}: given twice; give it once")
        parameters[name] = value
    return parameters


def _flag(name: str, value: str | None) -> bool:
    if value is None:
        return False
    if value not in FLAGS:
        raise AddressError(f"{name}: {value!r} is neither true nor false; give one of them")
    return FLAGS[value]
