"""Key-encryption keys, which wrap the data keys: `COMPLAINTS_KEY_ENCRYPTION_KEYS`."""

import hashlib
import hmac
import secrets  # noqa: TID251 - a nonce, which must not repeat
import stat
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from complaints.encryption.aws_kms import AwsKms
from complaints.encryption.key_store import StoredKey
from complaints.encryption.vault_transit import VaultTransit
from complaints.encryption.wrapping_errors import CannotUnwrapError, KeySettingError

KEYS_SETTING = "COMPLAINTS_KEY_ENCRYPTION_KEYS"
KEY_BYTES = 32
NONCE_BYTES = 12
MOUNTED_SECRETS = Path("/run/secrets")
"""Docker and Kubernetes mount secrets here, for one container alone, with a mode that is not ours."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyEncryptionKey(Protocol):
    """One key that wraps others. Each wrapped key is bound to the data key's id."""

    async def wrap(self, secrets_by_id: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
        """Return this key's name, and by id what to store. Raises KeysUnreachableError."""
        ...

    def has_wrapped(self, name: str) -> bool:
        """Return whether a key of this name unwraps here."""
        ...

    async def unwrap(self, wrapped_by_id: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the secrets of those that can be unwrapped. Raises KeysUnreachableError."""
        ...


class FileKey:
    """A key in a file, for AES-256-GCM. Its name is a fingerprint, which does not give it away."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)
        self._name = f"file:{hmac.new(secret, b'complaints/1 name', hashlib.sha256).hexdigest()[:16]}"

    @classmethod
    def read(cls, path: Path) -> "FileKey":
        """Read 64 hexadecimal digits from a file of which only its owner has the rights.

        Raises KeySettingError.
        """
        try:
            mode, written = path.stat().st_mode, path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not hexadecimal digits"
            raise KeySettingError(f"file:{path} cannot be read ({reason}); give a readable file") from None
        if mode & _OTHERS and not path.is_relative_to(MOUNTED_SECRETS):
            raise KeySettingError(f"file:{path} is open to others (mode {mode & 0o777:04o}); run: chmod 600 {path}")
        try:
            secret = bytes.fromhex(written)
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise KeySettingError(f"file:{path} does not hold 64 hexadecimal digits; make one: openssl rand -hex 32")
        return cls(secret)

    async def wrap(self, secrets_by_id: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
        return self._name, {key_id: self._wrap(key_id, secret) for key_id, secret in secrets_by_id.items()}

    def has_wrapped(self, name: str) -> bool:
        return name == self._name

    async def unwrap(self, wrapped_by_id: Mapping[str, bytes]) -> dict[str, bytes]:
        unwrapped = {}
        for key_id, wrapped in wrapped_by_id.items():
            try:
                nonce, encrypted = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
                unwrapped[key_id] = self._cipher.decrypt(nonce, encrypted, additional_data(key_id))
            except (InvalidTag, ValueError):
                continue
        return unwrapped

    def _wrap(self, key_id: str, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, additional_data(key_id))


class KeyEncryptionKeys:
    """All key-encryption keys: the first wraps, each unwraps what it has wrapped."""

    def __init__(self, keys: Sequence[KeyEncryptionKey]) -> None:
        self._keys = keys

    async def wrap(self, secrets_by_id: Mapping[str, bytes], subject: str | None = None) -> list[StoredKey]:
        """Wrap data keys for the store. Raises KeysUnreachableError."""
        name, wrapped = await self._keys[0].wrap(secrets_by_id)
        return [StoredKey(key_id, subject, value, name) for key_id, value in wrapped.items()]

    async def unwrap(self, stored: Sequence[StoredKey]) -> dict[str, bytes]:
        """Return the secrets by id; one that cannot be unwrapped is left out.

        Raises KeysUnreachableError.
        """
        unwrapped: dict[str, bytes] = {}
        for key in self._keys:
            if own := {row.id: row.wrapped for row in stored if key.has_wrapped(row.wrapped_by)}:
                unwrapped |= await key.unwrap(own)
        return unwrapped

    async def unwrap_one(self, stored: StoredKey) -> bytes:
        """Return the secret of one key. Raises CannotUnwrapError, KeysUnreachableError."""
        unwrapped = await self.unwrap([stored])
        if stored.id not in unwrapped:
            raise CannotUnwrapError(self.why_not([stored])[0])
        return unwrapped[stored.id]

    def why_not(self, stored: Sequence[StoredKey]) -> list[str]:
        """Return a line for each key-encryption key that does not unwrap these."""
        lines = []
        for name in sorted({row.wrapped_by for row in stored}):
            number = sum(row.wrapped_by == name for row in stored)
            count = f"{number:,} data key{'s' if number > 1 else ''}"
            if any(key.has_wrapped(name) for key in self._keys):
                lines.append(f"key store: {name} does not unwrap {count}, which were changed; restore the key store")
            else:
                lines.append(f"{KEYS_SETTING}: {name}, which has wrapped {count}, is missing; add it to the list")
        return lines


def additional_data(key_id: str) -> bytes:
    """Return what binds a wrapped key to its id."""
    return f"complaints/1 key\0{key_id}".encode()


@asynccontextmanager
async def open_wrapping(names: Sequence[str]) -> AsyncIterator[KeyEncryptionKeys]:
    """Open the keys that the setting names, such as `file:/PATH`. Raises KeySettingError."""
    if not names:
        raise KeySettingError("not set; give file:/PATH, with a key made by: openssl rand -hex 32")
    async with AsyncExitStack() as opened:
        keys: list[KeyEncryptionKey] = []
        for name in names:
            kind, _, where = name.partition(":")
            if kind == "file":
                keys.append(FileKey.read(Path(where)))
            elif kind == "aws-kms":
                keys.append(AwsKms.open(where, additional_data))
            else:
                keys.append(await opened.enter_async_context(VaultTransit.open(where, additional_data)))
        yield KeyEncryptionKeys(keys)
