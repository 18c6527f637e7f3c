"""Keys without a store, for tests and for replays: they end with the process."""

from datetime import datetime

from complaints.encryption.data_keys import DataKey, KeyDestroyedError, new_key


class InMemoryKeys:
    """A KeyRing. A subject gets its key when it first needs one."""

    read_at: datetime | None = None

    def __init__(self) -> None:
        self._by_id: dict[str, DataKey] = {}
        self._by_subject: dict[str, DataKey] = {}
        self._destroyed: set[str] = set()

    async def for_subject(self, subject: str) -> DataKey:
        if subject in self._destroyed:
            raise KeyDestroyedError(f"the key of {subject} is destroyed")
        if subject not in self._by_subject:
            self._by_subject[subject] = key = new_key(subject)
            self._by_id[key.id] = key
        return self._by_subject[subject]

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:
        key = self._by_id.get(key_id)
        is_destroyed = key is not None and key.subject in self._destroyed
        if subject in self._destroyed or (subject is None and is_destroyed):
            raise KeyDestroyedError("the key is destroyed")
        return None if is_destroyed else key

    async def bind(self, key: DataKey, subject: str) -> DataKey:
        bound = DataKey(key.id, subject, key.secret)
        self._by_id[key.id] = self._by_subject[subject] = bound
        return bound

    async def destroy(self, subject: str, by: str, why: str, at: datetime) -> None:  # noqa: ARG002 - keeps no list
        self._destroyed.add(subject)
