"""Keys that encrypt payloads and the record's personal data, and what provides them."""

import secrets  # noqa: TID251 - a key that nobody guesses
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class DataKey:
    """A key of AES-256-GCM."""

    id: str
    """`k_` and 24 random hexadecimal digits. It says nothing about its subject."""
    subject: str | None
    """The complaint's reference, or `subjects.SERVICES`; None: a blank key, which no subject has taken."""
    secret: bytes = field(repr=False)
    """32 random bytes."""


def new_key(subject: str | None = None) -> DataKey:
    """Draw a new key; without a subject it is blank."""
    return DataKey(f"k_{secrets.token_hex(12)}", subject, secrets.token_bytes(32))


class KeysUnreachableError(Exception):
    """The key store, or the service that unwraps keys, cannot be reached; a retry may succeed."""


class KeyDestroyedError(Exception):
    """The subject's keys are destroyed: nothing of it can be read or written again."""


class KeyRing(Protocol):
    """Provides keys. Most calls are answered from memory."""

    read_at: datetime | None
    """When it last had what it needs from the store, and from what unwraps its keys; None: it has no store."""

    async def for_subject(self, subject: str) -> DataKey:
        """Return the newest key of a subject, to encrypt with.

        A subject without a key takes a blank one. Raises KeysUnreachableError, KeyDestroyedError.
        """
        ...

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:
        """Return a key to decrypt with; None: there is none, or another subject had it.

        `subject`: of what is to be decrypted; None: unknown. Raises KeysUnreachableError, KeyDestroyedError.
        """
        ...

    async def bind(self, key: DataKey, subject: str) -> DataKey:
        """Give a blank key to the subject whose payload it has decrypted; return it so."""
        ...

    async def destroy(self, subject: str, by: str, why: str, at: datetime) -> None:
        """Destroy all keys of a complaint, for good; idempotent. Raises KeysUnreachableError."""
        ...
