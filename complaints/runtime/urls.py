"""Addresses to which a secret may be sent."""

import ipaddress
from urllib.parse import urlsplit


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
