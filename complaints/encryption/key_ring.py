"""The key ring of production: data keys in memory, stored in PostgreSQL, each wrapped."""

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from complaints.encryption.connections import open_key_store
from complaints.encryption.data_keys import DataKey, KeyDestroyedError, KeysUnreachableError, new_key
from complaints.encryption.key_store import Binding, Changes, KeyStore, StoredKey
from complaints.encryption.key_wrapping import KeyEncryptionKeys
from complaints.encryption.subjects import SERVICES
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.service import StartupError
from complaints.settings import Settings

POLL_SECONDS = 3.0
"""A process may use a destroyed key, or not know a new one, for this time."""
ASK_TIMEOUT_SECONDS = 3.0
"""A decryption waits for the store."""
RETRY_AFTER_SECONDS = 2.0
"""Time after a failed question in which the next one fails at once."""
CLOSE_TIMEOUT_SECONDS = 5.0
BLANK_KEYS = 500
"""Kept in reserve by a process that opens complaints."""
MAX_UNKNOWN_IDS = 10_000

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_KEY_ID = re.compile(r"k_[0-9a-f]{24}")

log = logging.getLogger(__name__)


class StoredKeys:
    """A KeyRing whose keys are in memory. Call `load` first, and run `keep_current`.

    A process never takes another's blank key, so two subjects never take the same one.
    """

    def __init__(self, store: KeyStore, wrapping: KeyEncryptionKeys, *, blank_keys: int = 0) -> None:
        self._store = store
        self._wrapping = wrapping
        self._reserve = blank_keys
        self._keys: dict[str, DataKey] = {}
        self._made_at: dict[str, datetime] = {}
        self._newest: dict[str, DataKey] = {}
        self._blanks: deque[DataKey] = deque()
        self._unbound: dict[str, str] = {}
        self._wrapped: dict[str, StoredKey] = {}
        """Keys that no key-encryption key unwraps."""
        self._destroyed_subjects: set[str] = set()
        self._destroyed_ids: set[str] = set()
        self._unknown_ids: dict[str, None] = {}
        self._since: int | None = None
        self.read_at: datetime | None = None
        self._unreachable_until = 0.0
        self._wake = asyncio.Event()
        self._making = asyncio.Lock()

    async def load(self) -> list[str]:
        """Read all keys; return a line for each thing that keeps keys from being used.

        Raises KeysUnreachableError.
        """
        if problem := await self._store.problem():
            return [problem]
        await self._poll()
        await self._refill()
        self.read_at = now()
        return self.problems()

    async def for_subject(self, subject: str) -> DataKey:
        self._refuse_destroyed(subject)
        if key := self._newest.get(subject):
            return key
        while self._blanks:
            key = await self.bind(self._blanks.popleft(), subject)
            if key.subject == subject:
                self._wake.set()
                return key
        async with self._making:
            await self._ask(subject=subject)
            self._refuse_destroyed(subject)
            return self._newest.get(subject) or await self.rotate(subject)

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:
        self._refuse_destroyed(subject)
        if (key := self._keys.get(key_id)) or key_id in self._unknown_ids or not _KEY_ID.fullmatch(key_id):
            return key
        if key_id not in self._destroyed_ids:
            await self._ask(key_id=key_id)
            self._refuse_destroyed(subject)
        if key := self._keys.get(key_id):
            return key
        if key_id in self._destroyed_ids:
            if subject is None:
                raise KeyDestroyedError("the key is destroyed")
            return None  # another subject's, as this one is not destroyed
        if stored := self._wrapped.get(key_id):
            if None not in (subject, stored.subject) and subject != stored.subject:
                return None
            raise KeysUnreachableError(self._wrapping.why_not([stored])[0])
        if len(self._unknown_ids) < MAX_UNKNOWN_IDS:
            self._unknown_ids[key_id] = None  # for good: a key is stored before it is used
        return None

    async def bind(self, key: DataKey, subject: str) -> DataKey:
        self._refuse_destroyed(subject)
        known = self._keys.get(key.id, key)
        if known.subject is not None:
            return known
        bound = DataKey(key.id, subject, key.secret)
        self._put(bound)
        # Without a wake: another process has made the key, and binds it itself, unless it was killed.
        self._unbound[key.id] = subject
        return bound

    async def rotate(self, subject: str) -> DataKey:
        """Give a subject a new key, to encrypt with from now on; what it has stays readable.

        Raises KeysUnreachableError, KeyDestroyedError.
        """
        self._refuse_destroyed(subject)
        key = new_key(subject)
        added = await self._store.add(await self._wrapping.wrap({key.id: key.secret}, subject))
        if not added:
            self._destroyed_subjects.add(subject)
            self._refuse_destroyed(subject)
        self._put(key, added[key.id])
        return key

    async def destroy(self, subject: str, by: str, why: str, at: datetime) -> None:
        """Destroy all keys of a complaint, for good; idempotent. This process refuses it at once.

        Another one refuses it within `POLL_SECONDS`. Raises KeysUnreachableError: it may be destroyed or not.
        """
        if subject == SERVICES:
            raise ValueError("the services' own keys cannot be destroyed")
        own = [key_id for key_id, taker in self._unbound.items() if taker == subject]
        ids = await self._store.destroy(subject, own, by, why, at)
        self._forget(subject, ids)

    def problems(self) -> list[str]:
        """Return a line for each key-encryption key that does not unwrap what it has wrapped."""
        return self._wrapping.why_not(list(self._wrapped.values()))

    def is_known(self, subject: str) -> bool:
        """Return whether a subject has a key, or had one that is destroyed."""
        return subject in self._newest or subject in self._destroyed_subjects

    def subjects(self) -> frozenset[str]:
        """Return the subjects that have a key."""
        return frozenset(self._newest)

    async def keep_current(self) -> None:
        """Bind keys, poll the store, and refill the reserve, until cancelled."""
        clock, polls_at, was_away = asyncio.get_running_loop().time, 0.0, False
        while True:
            self._wake.clear()
            try:
                if clock() >= polls_at:
                    await self._poll()
                    polls_at = clock() + POLL_SECONDS
                await self._bind_all()
                await self._refill()
                self.read_at, was_away = now(), False
            except KeysUnreachableError as error:
                if not was_away:
                    log.warning("the key store is unavailable", extra={"why": str(error)})
                was_away = True
                await asyncio.sleep(RETRY_AFTER_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, polls_at - clock())):
                    await self._wake.wait()

    async def close(self) -> None:
        """Bind what is not bound yet, and delete blank keys that were not used.

        A key that cannot be bound now is bound by the process that decrypts with it.
        """
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_SECONDS):
                await self._bind_all()
                await self._store.discard([key.id for key in self._blanks])
        except (KeysUnreachableError, TimeoutError) as error:
            log.warning("the key ring did not end cleanly", extra={"why": str(error), "unbound": len(self._unbound)})

    async def _ask(self, *, key_id: str | None = None, subject: str | None = None) -> None:
        """Ask the store for what is unknown here. Raises KeysUnreachableError."""
        clock = asyncio.get_running_loop().time
        if clock() < self._unreachable_until:
            raise KeysUnreachableError("the key store is unavailable")
        try:
            async with asyncio.timeout(ASK_TIMEOUT_SECONDS):
                await self._apply(await self._store.find(key_id=key_id, subject=subject))
        except (KeysUnreachableError, TimeoutError) as error:
            self._unreachable_until = clock() + RETRY_AFTER_SECONDS
            raise KeysUnreachableError(str(error) or "the key store did not answer in time") from error

    async def _poll(self) -> None:
        changes = await self._store.read_changes(self._since)
        await self._apply(changes)
        self._since = changes.until

    async def _apply(self, changes: Changes) -> None:
        new = [row for row in changes.keys if row.id not in self._keys]
        unwrapped = await self._wrapping.unwrap(new)
        for row in changes.keys:
            known = self._keys.get(row.id)
            if row.id in self._destroyed_ids:  # meanwhile
                continue
            if known is None and row.id not in unwrapped:
                self._wrapped[row.id] = row
                continue
            self._wrapped.pop(row.id, None)
            taker = self._unbound.get(row.id)
            if row.subject and taker:
                del self._unbound[row.id]
                if row.subject != taker:
                    log.error("another subject has this key", extra={"key": row.id})
            secret = known.secret if known else unwrapped[row.id]
            subject = row.subject or (known.subject if known else None)
            self._put(DataKey(row.id, subject, secret), row.made_at)
        for destroyed in changes.destroyed:
            self._forget(destroyed.subject, destroyed.ids)

    async def _bind_all(self) -> None:
        for key_id, subject in list(self._unbound.items()):
            binding = await self._store.bind(key_id, subject)
            self._unbound.pop(key_id, None)
            if binding is Binding.DESTROYED:
                self._forget(subject, [key_id])
            elif binding is Binding.ANOTHERS:
                log.error("a key could not be bound: the store has given it away, or lost it", extra={"key": key_id})

    async def _refill(self) -> None:
        """Make blank keys once half of the reserve is used."""
        if self._reserve and len(self._blanks) <= self._reserve // 2:
            made = [new_key() for _ in range(self._reserve - len(self._blanks))]
            added = await self._store.add(await self._wrapping.wrap({key.id: key.secret for key in made}))
            for key in made:
                self._put(key, added[key.id])
                self._blanks.append(key)

    def _put(self, key: DataKey, made_at: datetime | None = None) -> None:
        if key.id in self._destroyed_ids or key.subject in self._destroyed_subjects:
            return
        if made_at:
            self._made_at[key.id] = made_at
        self._keys[key.id] = key
        if key.subject is not None:
            newest = self._newest.get(key.subject)
            if newest is None or self._made(key) >= self._made(newest):
                self._newest[key.subject] = key

    def _made(self, key: DataKey) -> datetime:
        return self._made_at.get(key.id, _LONG_AGO)

    def _forget(self, subject: str, ids: Iterable[str]) -> None:
        self._destroyed_subjects.add(subject)
        self._destroyed_ids.update(ids)
        self._newest.pop(subject, None)
        for key_id in ids:
            for known in (self._keys, self._made_at, self._unbound, self._wrapped):
                known.pop(key_id, None)

    def _refuse_destroyed(self, subject: str | None) -> None:
        if subject in self._destroyed_subjects:
            raise KeyDestroyedError("the key is destroyed")


@asynccontextmanager
async def open_key_ring(
    settings: Settings, *, blank_keys: int = 0, with_unusable: bool = False
) -> AsyncIterator[StoredKeys]:
    """Open the key ring for the length of a `with` block. Raises StartupError.

    `blank_keys`: kept in reserve, so that complaints can be opened while the store is away. `with_unusable`: also
    while some keys cannot be unwrapped.
    """
    async with open_key_store(settings) as (store, wrapping):
        ring = StoredKeys(store, wrapping, blank_keys=blank_keys)
        try:
            problems = await ring.load()
        except KeysUnreachableError as error:
            raise StartupError(str(error)) from error
        if problems and not with_unusable:
            raise StartupError("\n".join(problems))
        try:
            async with background_task(ring.keep_current()):
                yield ring
        finally:
            await ring.close()
