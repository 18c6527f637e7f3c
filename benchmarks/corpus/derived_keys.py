"""Keys that a subject's name alone gives, so that every process of a benchmark has the same."""

from datetime import datetime
from hashlib import sha256

from complaints.encryption.data_keys import DataKey


class DerivedKeys:
    """A KeyRing for benchmarks. It protects nothing, and destroys nothing."""

    read_at: datetime | None = None

    def __init__(self) -> None:
        self._by_id: dict[str, DataKey] = {}

    async def for_subject(self, subject: str) -> DataKey:
        secret = sha256(f"secret of {subject}".encode()).digest()
        key = DataKey(f"k_{sha256(secret).hexdigest()[:24]}", subject, secret)
        self._by_id[key.id] = key
        return key

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:
        if subject is not None:
            await self.for_subject(subject)
        return self._by_id.get(key_id)

    async def bind(self, key: DataKey, subject: str) -> DataKey:
        return DataKey(key.id, subject, key.secret)

    async def destroy(self, subject: str, by: str, why: str, at: datetime) -> None:
        """Keep the key: no benchmark reads what was destroyed."""
