"""Addresses and names of OpenID Connect."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from complaints.procedure.field_types import pattern_validator

OidcName = Annotated[
    str, AfterValidator(pattern_validator(r"[!#-\[\]-~]{1,255}", "letters, digits and signs, no space"))
]
"""A client id or an audience; it goes into a header in quotation marks, so it has none."""


def check_issuer(url: str, *, is_local: bool) -> str:
    """Require an address with https. Raises ValueError.

    `is_local`: http is taken too, on the loopback.
    """
    try:
        parts = urlsplit(url)
        is_valid = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        is_valid = False
    is_clean = url.isascii() and url.isprintable() and not set(url) & set(' "\\')
    if not (is_valid and is_clean and parts.scheme in ("https", "http")):
        raise ValueError("give the issuer's address, such as https://login.example.org/realms/staff")
    if not is_protected(url, is_local=is_local):
        raise ValueError("give an https address; http is for the local stack (COMPLAINTS_LOCAL=1), on the loopback")
    return url


def is_protected(url: str, *, is_local: bool) -> bool:
    """Return whether it is https, or for the local stack http on the loopback."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_local and is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by name or address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
