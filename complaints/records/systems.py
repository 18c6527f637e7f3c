"""The systems that call the intake service: which there are, what each may do, by which keys it is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.api_keys import ApiKey, Scope
from complaints.records.database import translate_database_errors
from complaints.records.tables import staff, system_keys, systems


class KeyOnRecord(BaseModel):
    """A key without its secret."""

    id: str
    digest: bytes
    made_at: datetime
    ends_at: datetime | None
    """From then on it is another's turn; None: it holds."""
    last_used_at: datetime | None
    """To the minute, or so."""


class System(BaseModel):
    name: str
    scopes: tuple[Scope, ...]
    added_at: datetime
    added_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    keys: tuple[KeyOnRecord, ...]
    """The newest first."""


class SystemRefusedError(Exception):
    """A system cannot be changed as asked; the message says why."""


async def all_systems(engine: AsyncEngine) -> list[System]:
    """By name, revoked ones too. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            found = (await connection.execute(select(systems).order_by(systems.c.name))).mappings().all()
            newest_first = select(system_keys).order_by(system_keys.c.made_at.desc())
            keys = (await connection.execute(newest_first)).mappings().all()
    return [
        System.model_validate({**row, "keys": [dict(key) for key in keys if key["system"] == row["name"]]})
        for row in found
    ]


async def add(engine: AsyncEngine, name: str, scopes: Sequence[Scope], by: str, at: datetime, key: ApiKey) -> None:
    """A new system and its key. Raises SystemRefusedError, RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            if await connection.scalar(select(staff.c.id).where(staff.c.id == name)):
                raise SystemRefusedError(f"{name} is a member of staff; give the system a name of its own")
            given = {"name": name, "scopes": sorted(set(scopes)), "added_at": at, "added_by": by}
            put = insert(systems).values(given).on_conflict_do_nothing().returning(systems.c.name)
            if not await connection.scalar(put):
                raise SystemRefusedError(
                    f"there is a system {name} already, or was; give another name, or rotate its key"
                )
            await _put_key(connection, name, key, by, at)


async def rotate(engine: AsyncEngine, name: str, by: str, at: datetime, key: ApiKey, old_until: datetime) -> None:
    """A new key; the others end then, unless they end sooner. Raises SystemRefusedError, RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            await _lock_active(connection, name)
            holds_longer = or_(system_keys.c.ends_at.is_(None), system_keys.c.ends_at > old_until)
            await connection.execute(
                update(system_keys).where(system_keys.c.system == name, holds_longer).values(ends_at=old_until)
            )
            await _put_key(connection, name, key, by, at)


async def revoke(engine: AsyncEngine, name: str, by: str, at: datetime) -> None:
    """The system may do nothing from now on, and its name is never given again.

    Raises SystemRefusedError, RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await _lock_active(connection, name)
            await connection.execute(update(systems).where(systems.c.name == name).values(revoked_at=at, revoked_by=by))


async def mark_used(engine: AsyncEngine, used: Mapping[str, datetime]) -> None:
    """When each key, by its id, was last used. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            for key_id, at in sorted(used.items()):  # in one order, so that two services do not wait for each other
                at_last = func.greatest(system_keys.c.last_used_at, at)
                await connection.execute(
                    update(system_keys).where(system_keys.c.id == key_id).values(last_used_at=at_last)
                )


async def _lock_active(connection: AsyncConnection, name: str) -> None:
    row = (await connection.execute(select(systems).where(systems.c.name == name).with_for_update())).one_or_none()
    if row is None:
        raise SystemRefusedError(f"there is no system {name}")
    if row.revoked_at:
        raise SystemRefusedError(f"{name} was revoked on {row.revoked_at:%Y-%m-%d}, for good; add one of another name")


async def _put_key(connection: AsyncConnection, name: str, key: ApiKey, by: str, at: datetime) -> None:
    given = {"id": key.id, "system": name, "digest": key.digest, "made_at": at, "made_by": by}
    await connection.execute(insert(system_keys).values(given))
