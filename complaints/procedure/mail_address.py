"""Validate mail addresses (RFC 5321, RFC 6531): quoted local parts and literals are refused."""

import re

import idna

MAX_ADDRESS, MAX_LOCAL_PART = 254, 64
"""Octets (RFC 5321)."""

_LOCAL_PART = re.compile(r'[^\s@<>()\[\]\\,;:".]+(\.[^\s@<>()\[\]\\,;:".]+)*')


def ascii_domain_address(text: str) -> str | None:
    """Return the address with its domain in ASCII, as in DNS; None if mail cannot be sent to it.

    The local part may exceed ASCII.
    """
    local, at, domain = text.rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode().lower()
    except UnicodeError:
        return None
    address = f"{local}@{ascii_domain}"
    is_valid = (
        at
        and ascii_domain
        and _LOCAL_PART.fullmatch(local)
        and text.isprintable()
        and not ascii_domain.endswith(".")
        and len(local.encode()) <= MAX_LOCAL_PART
        and len(address.encode()) <= MAX_ADDRESS
    )
    return address if is_valid else None
