"""The store of data keys: PostgreSQL, in a database of its own. Each key is wrapped."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import KeysUnreachableError
from complaints.records.database import RecordError, translate_database_errors

KEYS_URL = "COMPLAINTS_KEYS_URL"
VERSION = 1
"""Of the tables."""
MIGRATE = "python -m complaints.encryption.migrate"

_COLUMNS = "SELECT id, subject, wrapped, wrapped_by, made_at FROM data_keys"
_SNAPSHOT = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
_SINCE = "WHERE changed_in >= CAST(CAST(CAST(:since AS bigint) AS text) AS xid8)"
_CHANGED = text(f"{_COLUMNS} {_SINCE}")
_CHANGED_DESTROYED = text(f"SELECT subject, ids FROM destroyed_keys {_SINCE}")  # noqa: S608 - constants
_FIND = text(f"{_COLUMNS} WHERE id = :id OR subject = :subject")
_FIND_DESTROYED = text("SELECT subject, ids FROM destroyed_keys WHERE subject = :subject OR :id = ANY(ids)")
_VERSION = text("SELECT max(version) FROM key_store_version")
_HAS_TABLES = text("SELECT to_regclass('key_store_version') IS NOT NULL")
_INSERT = text(
    "INSERT INTO data_keys (id, subject, wrapped, wrapped_by, bound_at) "
    "SELECT id, CAST(:subject AS text), wrapped, :wrapped_by, "
    "CASE WHEN CAST(:subject AS text) IS NOT NULL THEN now() END "
    "FROM unnest(CAST(:ids AS text[]), CAST(:wrapped AS bytea[])) AS new (id, wrapped) RETURNING id, made_at"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
_IS_DESTROYED = text("SELECT count(*) FROM destroyed_keys WHERE subject = :subject")
_BIND = text(
    "UPDATE data_keys SET subject = :subject, bound_at = now(), changed_in = pg_current_xact_id() "
    "WHERE id = :id AND subject IS NULL"
)
_SUBJECT = text("SELECT subject FROM data_keys WHERE id = :id")
_DELETE = text("DELETE FROM data_keys WHERE subject = :subject OR (id = ANY(:ids) AND subject IS NULL) RETURNING id")
_DESTROYED = text(
    "INSERT INTO destroyed_keys (subject, ids, at, by, why) VALUES (:subject, :ids, :at, :by, :why) "
    "ON CONFLICT (subject) DO UPDATE SET ids = destroyed_keys.ids || excluded.ids, changed_in = pg_current_xact_id()"
)
_ADD_DESTROYED = text(
    "UPDATE destroyed_keys SET ids = ids || :ids, changed_in = pg_current_xact_id() WHERE subject = :subject"
)
_DISCARD = text("DELETE FROM data_keys WHERE id = ANY(:ids) AND subject IS NULL")
_OTHERS = text(f"{_COLUMNS} WHERE wrapped_by <> :by AND id > :after ORDER BY id LIMIT :limit")
_REWRAP = text(
    "UPDATE data_keys SET wrapped = :wrapped, wrapped_by = :wrapped_by, changed_in = pg_current_xact_id() "
    "WHERE id = :id AND wrapped_by = :before"
)
_COUNTS = text(
    "SELECT wrapped_by, count(*) AS keys, count(*) FILTER (WHERE subject IS NULL) AS blanks, "
    "count(DISTINCT subject) AS subjects, min(made_at) AS oldest FROM data_keys GROUP BY wrapped_by ORDER BY wrapped_by"
)


class StoredKey(NamedTuple):
    """A row of `data_keys`."""

    id: str
    subject: str | None
    wrapped: bytes
    wrapped_by: str
    """The key-encryption key, as `key_wrapping` names it."""
    made_at: datetime | None = None
    """None: it is not stored yet."""


class DestroyedKeys(NamedTuple):
    """Of a subject whose keys are destroyed."""

    subject: str
    ids: list[str]


class Changes(NamedTuple):
    """What has changed in the store."""

    keys: list[StoredKey]
    destroyed: list[DestroyedKeys]
    until: int
    """For the next `read_changes`."""


class Counts(NamedTuple):
    """Of the keys that one key-encryption key has wrapped."""

    wrapped_by: str
    keys: int
    blanks: int
    subjects: int
    oldest: datetime


class Binding(Enum):
    """What became of a blank key that a subject took."""

    BOUND = "bound"
    DESTROYED = "destroyed"
    """The subject's keys are destroyed; this key is, too."""
    ANOTHERS = "another's"
    """It belongs to another subject, or it is not in the store."""


class KeyStore:
    """Reads and writes data keys. Every method raises KeysUnreachableError."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def problem(self) -> str | None:
        """Return in one line why this version does not work with the tables; None: it does."""
        with _errors():
            async with self._engine.connect() as connection:
                if not await connection.scalar(_HAS_TABLES):
                    return f"key store: no tables; run: {MIGRATE}"
                version = int(await connection.scalar(_VERSION) or 0)
        return None if version == VERSION else f"key store: at version {version}, and this version needs {VERSION}"

    async def read_changes(self, since: int | None) -> Changes:
        """Return the rows that have changed; `since`: `until` of the read before; None: all rows."""
        async with self._connection() as connection:
            until = int(await connection.scalar(_SNAPSHOT) or 0)
            if since is not None and until < since:
                since = None  # another server, such as a restored one
            parameters = {"since": since or 0}
            keys = await connection.execute(_CHANGED, parameters)
            # Afterwards: keys that are destroyed between the two statements are in the second.
            destroyed = await connection.execute(_CHANGED_DESTROYED, parameters)
            return Changes(_stored(keys), [DestroyedKeys(*row) for row in destroyed], until)

    async def find(self, *, key_id: str | None = None, subject: str | None = None) -> Changes:
        """Return the key of an id and those of a subject, and whether they are destroyed."""
        parameters = {"id": key_id, "subject": subject}
        async with self._connection() as connection:
            keys = await connection.execute(_FIND, parameters)
            destroyed = await connection.execute(_FIND_DESTROYED, parameters)
            return Changes(_stored(keys), [DestroyedKeys(*row) for row in destroyed], 0)

    async def add(self, keys: Sequence[StoredKey]) -> dict[str, datetime]:
        """Store new keys of one subject, or blank ones; return their instants by id.

        A destroyed subject gets none.
        """
        first = keys[0]
        async with self._transaction() as connection:
            if first.subject is not None and await _is_destroyed(connection, first.subject):
                return {}
            parameters = {
                "subject": first.subject,
                "wrapped_by": first.wrapped_by,
                "ids": [key.id for key in keys],
                "wrapped": [key.wrapped for key in keys],
            }
            return {row.id: row.made_at for row in await connection.execute(_INSERT, parameters)}

    async def bind(self, key_id: str, subject: str) -> Binding:
        """Give a blank key to a subject, idempotently."""
        async with self._transaction() as connection:
            if await _is_destroyed(connection, subject):
                await connection.execute(_DISCARD, {"ids": [key_id]})
                await connection.execute(_ADD_DESTROYED, {"ids": [key_id], "subject": subject})
                return Binding.DESTROYED
            await connection.execute(_BIND, {"id": key_id, "subject": subject})
            bound_to = await connection.scalar(_SUBJECT, {"id": key_id})
            return Binding.BOUND if bound_to == subject else Binding.ANOTHERS

    async def destroy(self, subject: str, key_ids: Iterable[str], by: str, why: str, at: datetime) -> list[str]:
        """Delete all keys of a subject, and put that on record; return their ids.

        `key_ids`: keys of the subject that may not be bound yet.
        """
        async with self._transaction() as connection:
            await connection.execute(_LOCK, {"subject": subject})
            rows = await connection.execute(_DELETE, {"subject": subject, "ids": list(key_ids)})
            ids = [str(row.id) for row in rows]
            about = {"subject": subject, "ids": ids, "at": at, "by": by, "why": why}
            await connection.execute(_DESTROYED, about)
            return ids

    async def discard(self, key_ids: Sequence[str]) -> None:
        """Delete blank keys that nobody has used."""
        async with self._transaction() as connection:
            await connection.execute(_DISCARD, {"ids": list(key_ids)})

    async def read_others(self, wrapped_by: str, after: str, limit: int) -> list[StoredKey]:
        """Return, in order of their ids, keys that another key-encryption key has wrapped."""
        async with self._connection() as connection:
            return _stored(await connection.execute(_OTHERS, {"by": wrapped_by, "after": after, "limit": limit}))

    async def rewrap(self, before: Sequence[StoredKey], after: Sequence[StoredKey]) -> None:
        """Replace how keys are wrapped, in one transaction; a key that has changed since stays."""
        rows = [
            {"id": new.id, "wrapped": new.wrapped, "wrapped_by": new.wrapped_by, "before": old.wrapped_by}
            for old, new in zip(before, after, strict=True)
        ]
        async with self._transaction() as connection:
            await connection.execute(_REWRAP, rows)

    async def count(self) -> list[Counts]:
        """Count the keys by the key-encryption key that has wrapped them."""
        async with self._connection() as connection:
            return [Counts(*row) for row in await connection.execute(_COUNTS)]

    async def count_destroyed(self) -> int:
        """Count the subjects whose keys are destroyed."""
        async with self._connection() as connection:
            return int(await connection.scalar(text("SELECT count(*) FROM destroyed_keys")) or 0)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with _errors():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        with _errors():
            async with self._engine.begin() as connection:
                yield connection


@contextmanager
def _errors() -> Iterator[None]:
    try:
        with translate_database_errors():
            yield
    except RecordError as error:
        raise KeysUnreachableError(f"key store: {error}") from None


async def _is_destroyed(connection: AsyncConnection, subject: str) -> bool:
    """Keep the subject from being destroyed until the transaction's end; return whether it is."""
    await connection.execute(_LOCK, {"subject": subject})
    return bool(await connection.scalar(_IS_DESTROYED, {"subject": subject}))


def _stored(rows: Iterable[Row[Any]]) -> list[StoredKey]:
    return [StoredKey._make(row) for row in rows]
