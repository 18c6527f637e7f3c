"""Addresses and names of OpenID Connect."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from complaints.procedure.field_types import pattern_validator
from complaints.runtime.urls import is_protected

OidcName = Annotated[
    str, AfterValidator(pattern_validator(r"[!#-\[\]-~]{1,255}", "letters, digits and signs, no space"))
]
"""A client id or an audience; it goes into a header in quotation marks, so it has none."""

OidcScope = Annotated[str, AfterValidator(pattern_validator(r"[ !#-\[\]-~]{1,500}", "scopes with spaces between"))]


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
        raise ValueError("give an https address; http is for the local stack (COMPLAINTS_LOCAL=1), all on the loopback")
    return url
