"""Cache of API keys.

When PostgreSQL is unavailable, cached keys stay valid for up to 24 hours; after a restart no key is accepted until the
first read.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from complaints.api_keys import ApiKey, Scope
from complaints.records.database import RecordError
from complaints.records.systems import StoredKey, System
from complaints.runtime.clock import monotonic

MIN_REREAD_SECONDS = 0.2
"""An unknown key may be new: the record is read again for it, but no more often than this."""
MAX_AGE_SECONDS = 24 * 3600.0
NO_DIGEST = bytes(32)
"""Compared with an unknown key, so that an unknown id takes as long as a wrong secret."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """A system whose key was accepted. Its name is the actor of its acts."""

    name: str
    scopes: frozenset[Scope]


class InvalidKeyError(Exception):
    """There is no key, or it is not valid. `system` is empty unless the key was once its own."""

    def __init__(self, reason: str, system: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.system = system


class UnconfirmedSystemError(Exception):
    """The key is valid, but nobody has confirmed its system since the record was restored."""


class KeysUnavailableError(Exception):
    """The record was never read, or too long ago."""


class ApiKeyCache:
    """Cache the systems and their keys as last read from the record.

    `read` reads the record, `now` returns the current time.
    """

    def __init__(self, read: Callable[[], Awaitable[list[System]]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._systems: dict[str, tuple[System, StoredKey]] = {}
        self._read_at: float | None = None
        self._tried_at = 0.0
        self._reading = asyncio.Lock()
        self._is_unavailable = False
        self.used: dict[str, datetime] = {}
        """When each key was last used, by the key's id, since this was last written to the record."""

    @property
    def is_known(self) -> bool:
        """Whether keys can be checked."""
        return self._read_at is not None and monotonic() - self._read_at < MAX_AGE_SECONDS

    async def refresh(self) -> None:
        """Read the record. Reads do not overlap: no older result replaces a newer one."""
        async with self._reading:
            await self._reread()

    async def _reread(self) -> None:
        self._tried_at = monotonic()
        try:
            systems = await self._read()
        except RecordError as error:
            if not self._is_unavailable:
                log.warning("keys are as last known", extra={"why": str(error)})
            self._is_unavailable = True
            return
        if self._is_unavailable:
            log.info("keys are up to date again")
        self._is_unavailable = False
        self._read_at = monotonic()
        self._systems = {key.id: (system, key) for system, key in _pairs(systems)}

    async def caller_of(self, authorization: str | None) -> Caller:
        """Find the caller by the header's Bearer key.

        Raises InvalidKeyError, UnconfirmedSystemError, KeysUnavailableError.
        """
        if not authorization:
            raise InvalidKeyError("no_key")
        kind, _, text = authorization.partition(" ")
        key = ApiKey.read(text.strip()) if kind.lower() == "bearer" else None
        if key is None:
            raise InvalidKeyError("no_such_key")
        if key.id not in self._systems:
            await self._reread_for_new_key()
        if not self.is_known:
            raise KeysUnavailableError
        return self._caller(key)

    async def _reread_for_new_key(self) -> None:
        asked_at = monotonic()
        async with self._reading:
            if self._tried_at > asked_at:  # another request's new key caused a read meanwhile
                return
            await asyncio.sleep(max(0.0, self._tried_at + MIN_REREAD_SECONDS - asked_at))
            await self._reread()

    def _caller(self, key: ApiKey) -> Caller:
        system, recorded_key = self._systems.get(key.id, (None, None))
        fits = key.matches(recorded_key.digest if recorded_key else NO_DIGEST)
        if system is None or recorded_key is None or not fits:
            raise InvalidKeyError("no_such_key")
        now = self._now()
        if system.revoked_at:
            raise InvalidKeyError("revoked", system.name)
        if recorded_key.ends_at and recorded_key.ends_at <= now:
            raise InvalidKeyError("key_ended", system.name)
        if not system.is_confirmed:
            raise UnconfirmedSystemError(system.name)
        self.used[key.id] = now
        return Caller(system.name, frozenset(system.scopes))


def _pairs(systems: Iterable[System]) -> Iterable[tuple[System, StoredKey]]:
    return ((system, key) for system in systems for key in system.keys)
