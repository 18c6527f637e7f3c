"""TLS to PostgreSQL, by libpq's parameters."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from complaints.postgresql.errors import AddressError

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
ALWAYS = ("require", "verify-ca", "verify-full")
"""Modes that never connect without TLS; certificates are used with these only."""
FILES = ("sslrootcert", "sslcert", "sslkey")
SYSTEM = "system"
"""In place of a file: the authorities that this machine accepts."""


def tls_argument(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the driver's argument `ssl`: a context, or a mode that may do without TLS.

    Raises AddressError.
    """
    mode = parameters.get("sslmode")
    if mode is not None and mode not in MODES:
        raise AddressError(f"sslmode: {mode!r} is no mode; give one of {', '.join(MODES)}")
    files = {name: parameters[name] for name in FILES if parameters.get(name)}
    if mode in ALWAYS:
        return {"ssl": _context(mode, files)}
    if files:
        raise AddressError(f"{next(iter(files))}: it needs sslmode={', '.join(ALWAYS[:-1])} or {ALWAYS[-1]}; give one")
    return {} if mode is None else {"ssl": mode}


def _context(mode: str, files: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = mode == "verify-full"
    authorities, certificate, key = (files.get(name) for name in FILES)
    for name, file in files.items():
        if file != SYSTEM:
            _check_readable(name, file)
    if authorities == SYSTEM:
        context.load_default_certs()
    elif authorities:
        _load("sslrootcert", f"{authorities} holds no certificate in PEM", context.load_verify_locations, authorities)
    elif mode == "require":
        context.verify_mode = ssl.CERT_NONE
    else:
        raise AddressError(f"sslrootcert: needed for sslmode={mode}; give the authority's file, or {SYSTEM}")
    if certificate:
        problem = f"{certificate} and its key are not a certificate and its key in PEM"
        _load("sslcert", problem, context.load_cert_chain, certificate, key, lambda: "")
    elif key:
        raise AddressError("sslkey: it needs sslcert, the certificate of this key; give both")
    return context


def _check_readable(name: str, file: str) -> None:
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise AddressError(f"{name}: {file} cannot be read ({error.strerror}); give a readable file") from None


def _load(name: str, problem: str, load: Any, *arguments: Any) -> None:
    try:
        load(*arguments)
    except ssl.SSLError:
        raise AddressError(f"{name}: {problem}; give a file in PEM") from None
