"""Keep the session of a sign-in, in a file that only its owner can read.

The refresh token, which is valid for long, goes into the system's keyring, where the package `keyring` finds one. That
of the local stack stays in the file: anybody there signs in without it.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from complaints.runtime.urls import is_protected

ENTRY = "complaints"
"""The name of the keyring's entries; each has the service's address as its user."""


@dataclass(frozen=True)
class StoredSession:
    """The tokens of who signed in, and where they come from."""

    issuer: str
    client_id: str
    audience: str
    scope: str
    access_token: str
    refresh_token: str | None
    """None: it cannot be refreshed."""
    expires_at: str
    """When the access token expires, as ISO 8601."""


class SessionStore:
    """The session at one service. `config` is the user's folder for settings."""

    def __init__(self, config: Path, url: str) -> None:
        self._url = url
        self._file = config / "complaints" / f"session-{sha256(url.encode()).hexdigest()[:16]}.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing the session."""
        with _open_private(self._file.with_suffix(".lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self, *, with_refresh_token: bool = False) -> StoredSession | None:
        """Read the session; None if there is none that can be read.

        `with_refresh_token`: also from the keyring, which takes long to import.
        """
        try:
            values: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            if values.pop("in_keyring") and with_refresh_token:
                values["refresh_token"] = _get_from_keyring(self._url)
            return StoredSession(**values)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, session: StoredSession) -> None:
        """Replace the session. Raises OSError."""
        secret = session.refresh_token if is_protected(session.issuer, is_local=False) else None
        in_keyring = secret is not None and _put_in_keyring(self._url, secret)
        values = asdict(session) | ({"refresh_token": None} if in_keyring else {})
        growing = self._file.with_suffix(".new")
        growing.unlink(missing_ok=True)
        with _open_private(growing) as file:
            json.dump({**values, "in_keyring": in_keyring}, file, indent=2)
        growing.replace(self._file)

    def delete(self) -> None:
        """Remove the session. Raises OSError."""
        session = self.read()
        self._file.unlink(missing_ok=True)
        if session and session.refresh_token is None:
            _delete_from_keyring(self._url)


def _open_private(file: Path) -> TextIOWrapper:
    """Open a file for writing that only its owner can read; make its folder if need be."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8")


def _put_in_keyring(url: str, secret: str) -> bool:
    """Put a secret into the system's keyring; return whether there is one that works."""
    try:
        import keyring
    except ImportError:
        return False
    try:
        if keyring.get_keyring().priority < 1:  # it only fails, or forgets
            return False
        keyring.set_password(ENTRY, url, secret)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return False
    return True


def _get_from_keyring(url: str) -> str | None:
    try:
        import keyring
    except ImportError:
        return None
    try:
        return keyring.get_password(ENTRY, url)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return None


def _delete_from_keyring(url: str) -> None:
    try:
        import keyring
    except ImportError:
        return
    try:
        keyring.delete_password(ENTRY, url)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return
