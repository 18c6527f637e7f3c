"""Which mail server takes our mail, as one setting says it."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

EXAMPLE = "give an address such as smtp://user:password@mail.example.org:587?tls=starttls"


class Tls(StrEnum):
    """How the way to the server is kept from others."""

    STARTTLS = "starttls"
    """Asked for after the greeting, and insisted on."""
    IMPLICIT = "implicit"
    """From the first byte."""
    NONE = "none"


_PORTS = {Tls.STARTTLS: 587, Tls.IMPLICIT: 465, Tls.NONE: 25}


@dataclass(frozen=True)
class SmtpAddress:
    """A mail server, and who we are there."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    """None: no authentication."""
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError, whose words hold nothing of the url: there may be a password in it."""
        try:
            parts = urlsplit(url)
            port, options = parts.port, dict(parse_qsl(parts.query, strict_parsing=True) if parts.query else [])
        except ValueError:
            raise ValueError(EXAMPLE) from None
        if parts.scheme != "smtp" or not parts.hostname or parts.path not in ("", "/") or set(options) - {"tls"}:
            raise ValueError(EXAMPLE)
        if (asked := options.get("tls", Tls.STARTTLS)) not in set(Tls):
            raise ValueError(f"tls={asked} is unknown; give starttls, implicit or none")
        tls, user = Tls(asked), unquote(parts.username) if parts.username else None
        if user and tls is Tls.NONE and not _is_here(parts.hostname):
            raise ValueError("with tls=none, the password would be read by others; give tls=starttls or tls=implicit")
        return cls(parts.hostname, port or _PORTS[tls], tls, user, unquote(parts.password or ""))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
