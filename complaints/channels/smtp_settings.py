"""The mail server, as one setting describes it."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

EXAMPLE = "give an address such as smtp://user:password@mail.example.org:587?tls=starttls"


class Tls(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    """Requested after the greeting; required."""
    IMPLICIT = "implicit"
    """TLS from the first byte."""
    NONE = "none"


_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True)
class SmtpAddress:
    """A mail server, and our account there."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    """None: no authentication."""
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, url: str) -> Self:
        """Parse a URL. Raises ValueError, which quotes none of it, as it may hold a password."""
        try:
            parts = urlsplit(url)
            port, options = parts.port, dict(parse_qsl(parts.query, strict_parsing=True) if parts.query else [])
        except ValueError:
            raise ValueError(EXAMPLE) from None
        if parts.scheme != "smtp" or not parts.hostname or parts.path not in ("", "/") or set(options) - {"tls"}:
            raise ValueError(EXAMPLE)
        if (mode := options.get("tls", Tls.STARTTLS)) not in set(Tls):
            raise ValueError(f"there is no tls={mode}; give starttls, implicit or none")
        tls, user = Tls(mode), unquote(parts.username) if parts.username else None
        if user and tls is Tls.NONE and not _is_loopback(parts.hostname):
            raise ValueError("tls=none would send the password in the clear; give tls=starttls or tls=implicit")
        return cls(parts.hostname, port or _PORTS[tls], tls, user, unquote(parts.password or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
