"""Who calls: the systems and their keys, as last read from the record.

While PostgreSQL is away, whoever was known goes on to be: a key that was revoked where this service could not hear of
it works until it does, for a day at most. Restarted, it knows nobody until the record answers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from complaints.api_keys import ApiKey, Scope
from complaints.records.database import RecordError
from complaints.records.systems import KeyOnRecord, System

AGAIN_AFTER = 0.2
"""Seconds; an unknown key may be a new one, for which the record is read once more, but no more often than that."""
TRUSTED_FOR = 24 * 3600.0
"""Seconds."""
NOBODYS = bytes(32)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """A system whose key has been seen: the one place in which the actor of its acts is established."""

    name: str
    scopes: frozenset[Scope]


class NotKnownError(Exception):
    """No key, or none that holds. `system` is empty unless the key was once its own."""

    def __init__(self, reason: str, system: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.system = system


class KeysUnknownError(Exception):
    """The record has not been read, or too long ago."""


class ApiKeyCache:
    """`read` reads the record; `now` is the real instant."""

    def __init__(self, read: Callable[[], Awaitable[list[System]]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._systems: dict[str, tuple[System, KeyOnRecord]] = {}
        self._read_at: float | None = None
        self._tried_at = 0.0
        self._reading = asyncio.Lock()
        self._is_away = False
        self.used: dict[str, datetime] = {}
        """When each key, by its id, was last used; whoever puts it on the record takes it away."""

    @property
    def is_known(self) -> bool:
        return self._read_at is not None and monotonic() - self._read_at < TRUSTED_FOR

    async def refresh(self) -> None:
        """One at a time, so that what is known never goes back to what was read earlier."""
        async with self._reading:
            await self._read_anew()

    async def _read_anew(self) -> None:
        self._tried_at = monotonic()
        try:
            systems = await self._read()
        except RecordError as error:
            if not self._is_away:
                log.warning("keys are as last known", extra={"why": str(error)})
            self._is_away = True
            return
        if self._is_away:
            log.info("keys are up to date again")
        self._is_away = False
        self._read_at = monotonic()
        self._systems = {key.id: (system, key) for system, key in _pairs(systems)}

    async def caller_of(self, authorization: str | None) -> Caller:
        """By the header's Bearer key. Raises NotKnownError, KeysUnknownError."""
        if not authorization:
            raise NotKnownError("no_key")
        kind, _, written = authorization.partition(" ")
        key = ApiKey.read(written.strip()) if kind.lower() == "bearer" else None
        if key is None:
            raise NotKnownError("no_such_key")
        if key.id not in self._systems:
            await self._hear_of_new()
        if not self.is_known:
            raise KeysUnknownError
        return self._caller(key)

    async def _hear_of_new(self) -> None:
        came_at = monotonic()
        async with self._reading:
            if self._tried_at > came_at:  # for another, meanwhile
                return
            await asyncio.sleep(max(0.0, self._tried_at + AGAIN_AFTER - came_at))
            await self._read_anew()

    def _caller(self, key: ApiKey) -> Caller:
        system, known = self._systems.get(key.id, (None, None))
        fits = key.fits(known.digest if known else NOBODYS)
        if system is None or known is None or not fits:
            raise NotKnownError("no_such_key")
        now = self._now()
        if system.revoked_at:
            raise NotKnownError("revoked", system.name)
        if known.ends_at and known.ends_at <= now:
            raise NotKnownError("key_ended", system.name)
        self.used[key.id] = now
        return Caller(system.name, frozenset(system.scopes))


def _pairs(systems: Iterable[System]) -> Iterable[tuple[System, KeyOnRecord]]:
    return ((system, key) for system in systems for key in system.keys)
