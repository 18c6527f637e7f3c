"""Cache of API keys.

When PostgreSQL is unavailable, cached keys stay valid for up to 24 hours; after a restart no key is accepted until the
first read.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from complaints.api_keys import ApiKey, Scope
from complaints.records.systems import StoredKey, System
from starter.api.auth.record_cache import RecordCache

NO_DIGEST = bytes(32)
"""Compared with an unknown key, so that an unknown id takes as long as a wrong secret."""


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


class ApiKeyCache:
    """Cache the systems and their keys as last read from the record.

    `read` reads the record, `now` returns the current time.
    """

    def __init__(self, read: Callable[[], Awaitable[list[System]]], now: Callable[[], datetime]) -> None:
        self._read_systems = read
        self._now = now
        self._record = RecordCache[dict[str, tuple[System, StoredKey]]](self._read, {}, "keys")
        self.used: dict[str, datetime] = {}
        """When each key was last used, by the key's id, since this was last written to the record."""

    @property
    def is_known(self) -> bool:
        """Whether keys can be checked."""
        return self._record.is_known

    @property
    def system_names(self) -> frozenset[str]:
        """The names of all systems, including revoked ones."""
        return frozenset(system.name for system, _ in self._record.value.values())

    async def refresh(self) -> None:
        """Read the record."""
        await self._record.refresh()

    async def _read(self) -> dict[str, tuple[System, StoredKey]]:
        return {key.id: (system, key) for system, key in _pairs(await self._read_systems())}

    async def caller_of(self, authorization: str | None) -> Caller:
        """Find the caller by the header's Bearer key.

        Raises InvalidKeyError, UnconfirmedSystemError, UnknownCallersError.
        """
        if not authorization:
            raise InvalidKeyError("no_key")
        key = ApiKey.read(bearer_of(authorization))
        if key is None:
            raise InvalidKeyError("no_such_key")
        if key.id not in self._record.value:
            await self._record.refresh_for_unknown()
        self._record.require_known()
        return self._caller(key)

    def _caller(self, key: ApiKey) -> Caller:
        system, recorded_key = self._record.value.get(key.id, (None, None))
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


def bearer_of(authorization: str | None) -> str:
    """Return what follows `Bearer` in the header; empty if there is no such thing."""
    kind, _, text = (authorization or "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def _pairs(systems: Iterable[System]) -> Iterable[tuple[System, StoredKey]]:
    return ((system, key) for system in systems for key in system.keys)
