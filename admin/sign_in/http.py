"""Send HTTP requests of the script. TLS is verified, and no redirect is followed."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from admin.shared.errors import CommandError, Exit, unreachable
from complaints.runtime.urls import is_loopback

TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
"""Seconds. The service limits how long it works on an answer."""


def open_http(url: str) -> httpx2.Client:
    """Open a client for one server. On the loopback no proxy is used."""
    parts = urlsplit(url)
    trusted = ssl.create_default_context() if parts.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.Client(base_url=url, verify=trusted, timeout=TIMEOUT, trust_env=not is_loopback(parts.hostname or ""))


def unreachable_server(what: str, url: str, error: httpx2.HTTPError | httpx2.InvalidURL) -> CommandError:
    """Make the error of a server that does not answer."""
    return unreachable(f"{what} at {url} does not answer: {str(error) or type(error).__name__}")


def read_object(answer: httpx2.Response, what: str) -> Mapping[str, Any]:
    """Read a JSON object. Raises CommandError."""
    try:
        value = answer.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise CommandError(Exit.FAILED, f"{what} gave no JSON (HTTP {answer.status_code}); check its address")
    return value
