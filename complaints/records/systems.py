"""Read and write the intake service's clients (`systems`) and their keys (`system_keys`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.api_keys import ApiKey, Scope
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.records.restores.marks import is_unconfirmed
from complaints.records.tables import staff, system_keys, systems


class StoredKey(BaseModel):
    """A key without its secret."""

    id: str
    digest: bytes
    made_at: datetime
    ends_at: datetime | None
    """The key is invalid from then on; None: no end is set."""
    last_used_at: datetime | None
    """Approximate, to about a minute."""


class System(BaseModel):
    name: str
    scopes: tuple[Scope, ...]
    added_at: datetime
    added_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    is_confirmed: bool = True
    """False: the record was restored to an older state, and nobody has confirmed it since."""
    keys: tuple[StoredKey, ...]
    """Newest first."""


class SystemRefusedError(Exception):
    """A system cannot be added or changed; the message is for the operator."""


async def list_systems(engine: AsyncEngine) -> list[System]:
    """List systems by name, including revoked ones. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            confirmed = (~is_unconfirmed("system", systems.c.name)).label("is_confirmed")
            rows = (await connection.execute(select(systems, confirmed).order_by(systems.c.name))).mappings().all()
            newest_first = select(system_keys).order_by(system_keys.c.made_at.desc())
            keys = (await connection.execute(newest_first)).mappings().all()
    return [
        System.model_validate({**row, "keys": [dict(key) for key in keys if key["system"] == row["name"]]})
        for row in rows
    ]


async def add_system(
    engine: AsyncEngine, name: str, scopes: Sequence[Scope], by: str, at: datetime, key: ApiKey
) -> None:
    """Add a system and its first key. Raises SystemRefusedError, RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            if await connection.scalar(select(staff.c.id).where(staff.c.id == name)):
                raise SystemRefusedError(f"{name} is a member of staff; choose another name")
            row = {"name": name, "scopes": sorted(set(scopes)), "added_at": at, "added_by": by}
            insertion = insert(systems).values(row).on_conflict_do_nothing().returning(systems.c.name)
            if not await connection.scalar(insertion):
                raise SystemRefusedError(
                    f"there is a system {name} already, or was; choose another name, or rotate its key"
                )
            await _insert_key(connection, name, key, by, at)
            await add_event(connection, ChangeKind.SYSTEM_ADDED, name, by=by, at=at, scopes=row["scopes"], key=key.id)


async def rotate_key(engine: AsyncEngine, name: str, by: str, at: datetime, key: ApiKey, old_until: datetime) -> None:
    """Add a key; other keys end at `old_until` at the latest.

    Raises SystemRefusedError, RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await _lock_active(connection, name)
            ends_later = or_(system_keys.c.ends_at.is_(None), system_keys.c.ends_at > old_until)
            await connection.execute(
                update(system_keys).where(system_keys.c.system == name, ends_later).values(ends_at=old_until)
            )
            await _insert_key(connection, name, key, by, at)
            ends = {"key": key.id, "others_end_at": old_until.isoformat()}
            await add_event(connection, ChangeKind.KEY_ROTATED, name, by=by, at=at, **ends)


async def revoke_system(engine: AsyncEngine, name: str, by: str, at: datetime) -> None:
    """Revoke a system; its name stays taken.

    Raises SystemRefusedError, RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await _lock_active(connection, name)
            await connection.execute(update(systems).where(systems.c.name == name).values(revoked_at=at, revoked_by=by))
            await add_event(connection, ChangeKind.SYSTEM_REVOKED, name, by=by, at=at)


async def mark_keys_used(engine: AsyncEngine, used: Mapping[str, datetime]) -> None:
    """Record the last use of keys, given by id. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            for key_id, at in sorted(used.items()):  # in order, against deadlocks between two services
                latest = func.greatest(system_keys.c.last_used_at, at)
                await connection.execute(
                    update(system_keys).where(system_keys.c.id == key_id).values(last_used_at=latest)
                )


async def _lock_active(connection: AsyncConnection, name: str) -> None:
    row = (await connection.execute(select(systems).where(systems.c.name == name).with_for_update())).one_or_none()
    if row is None:
        raise SystemRefusedError(f"there is no system {name}; see complaints systems list")
    if row.revoked_at:
        raise SystemRefusedError(f"{name} was revoked on {row.revoked_at:%Y-%m-%d}; add a system with another name")


async def _insert_key(connection: AsyncConnection, name: str, key: ApiKey, by: str, at: datetime) -> None:
    row = {"id": key.id, "system": name, "digest": key.digest, "made_at": at, "made_by": by}
    await connection.execute(insert(system_keys).values(row))
