"""Refuse what a page of another site makes a browser send, by `Host` and `Origin`.

A page whose own name has this machine's address (DNS rebinding) makes the browser send that name as `Host`. So `Host`
must be an IP address, `localhost`, or a name of COMPLAINTS_HOSTS. A browser names the page's site in `Origin`.
"""

import ipaddress
import re
from collections.abc import Collection
from http import HTTPStatus
from typing import NamedTuple

LOCAL_NAME = "localhost"
PROBLEM = "application/problem+json"
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]*)?")


class Refusal(NamedTuple):
    status: HTTPStatus
    code: str
    detail: str

    def problem(self) -> dict[str, object]:
        """Return the answer's body (RFC 9457)."""
        return {
            "type": f"urn:complaints:problem:{self.code}",
            "title": self.status.phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": [],
        }


FOREIGN_HOST = Refusal(
    HTTPStatus.MISDIRECTED_REQUEST,
    "foreign_host",
    "Host: the name is not one of this service's; use its address, or have the operator add the name to "
    "COMPLAINTS_HOSTS.",
)
FOREIGN_ORIGIN = Refusal(
    HTTPStatus.FORBIDDEN, "foreign_origin", "Origin: a page of another site may not send requests to this service."
)


def refusal_of(
    host: str | None, origin: str | None, names: Collection[str], origins: Collection[str] | None = None
) -> Refusal | None:
    """Return why a request with these headers is refused, or None. `names`: COMPLAINTS_HOSTS.

    `origins`: the only pages that may send requests; None: those of the service itself. Without `Host` it is HTTP/1.0,
    which no browser speaks.
    """
    if host is not None and not _is_ours(host, {LOCAL_NAME, *names}):
        return FOREIGN_HOST
    if origin is not None and origins is not None:
        return None if origin in origins else FOREIGN_ORIGIN
    if origin is not None:
        scheme, _, authority = origin.lower().partition("://")
        if scheme not in ("http", "https") or (authority != (host or "").lower() and _name_in(authority) not in names):
            return FOREIGN_ORIGIN
    return None


def _is_ours(authority: str, names: Collection[str]) -> bool:
    name = _name_in(authority)
    if name is None or name in names:
        return name is not None
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name_in(authority: str) -> str | None:
    """Return the name or the address in `name:port`; None if it is neither."""
    found = _AUTHORITY.fullmatch(authority.lower())
    return found["host"].strip("[]").removesuffix(".") if found else None
