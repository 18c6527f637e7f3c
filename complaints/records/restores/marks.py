"""Mark the record as restored, and confirm the staff and the systems that it has since."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import Column, ColumnElement, Select, exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.records import tables
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors

Kind = Literal["staff", "system"]

_LOCK = text("LOCK TABLE restores IN SHARE ROW EXCLUSIVE MODE")
"""Keeps another reconcile from marking the same restore."""


class Restore(BaseModel):
    """A restore of the record that `reconcile` works on."""

    found_at: datetime
    recorded_until: datetime | None
    """The newest instant on the record when it was found; None: it was empty."""


async def mark_restored(engine: AsyncEngine, at: datetime) -> Restore:
    """Mark the record as restored, and everybody on it as unconfirmed.

    Return the earlier mark if `reconcile` did not come to its end. Raises RecordUnreachableError.
    """
    restores, confirmations = tables.restores, tables.access_confirmations
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_LOCK)
            unfinished = select(restores).where(restores.c.reconciled_at.is_(None))
            if row := (await connection.execute(unfinished)).mappings().first():
                return Restore.model_validate(dict(row))
            restore = Restore(found_at=at, recorded_until=await _newest_instant(connection, at))
            await connection.execute(insert(restores).values(restore.model_dump()))
            names = select(literal("staff"), tables.staff.c.id).union_all(
                select(literal("system"), tables.systems.c.name).where(tables.systems.c.revoked_at.is_(None))
            )
            everybody = names.subquery("everybody")
            unconfirmed = select(literal(at), *everybody.c)
            await connection.execute(insert(confirmations).from_select(["restored_at", "kind", "name"], unconfirmed))
            return restore


async def find_newest_instant(engine: AsyncEngine, until: datetime) -> datetime | None:
    """Find the newest instant on the record, which estimates when a backup was taken.

    None: the record is empty. Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.connect() as connection:
            return await _newest_instant(connection, until)


async def finish_restore(engine: AsyncEngine, restore: Restore, at: datetime) -> None:
    """Note that `reconcile` came to its end. Raises RecordUnreachableError."""
    table = tables.restores
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(update(table).where(table.c.found_at == restore.found_at).values(reconciled_at=at))


async def list_unconfirmed(engine: AsyncEngine, kind: Kind) -> Sequence[str]:
    """List who is to be confirmed, by name. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return (await connection.scalars(_select_unconfirmed(kind))).all()


async def confirm(engine: AsyncEngine, kind: Kind, names: Collection[str], by: str, at: datetime) -> Sequence[str]:
    """Confirm members of staff or systems; return those that were unconfirmed.

    Raises RecordUnreachableError.
    """
    table = tables.access_confirmations
    unconfirmed = (table.c.kind == kind, table.c.name.in_(names), table.c.confirmed_at.is_(None))
    with translate_database_errors():
        async with engine.begin() as connection:
            confirmed = await connection.scalars(
                update(table).where(*unconfirmed).values(confirmed_at=at, confirmed_by=by).returning(table.c.name)
            )
            newly = sorted(set(confirmed))
            event = ChangeKind.STAFF_CONFIRMED if kind == "staff" else ChangeKind.SYSTEM_CONFIRMED
            for name in newly:
                await add_event(connection, event, name, by=by, at=at)
            return newly


def is_unconfirmed(kind: Kind, name: Column[str]) -> ColumnElement[bool]:
    """Check whether a row's member of staff or system is unconfirmed."""
    table = tables.access_confirmations
    return exists().where(table.c.kind == kind, table.c.name == name, table.c.confirmed_at.is_(None))


def _select_unconfirmed(kind: Kind) -> Select[str]:
    table = tables.access_confirmations
    unconfirmed = select(table.c.name).where(table.c.kind == kind, table.c.confirmed_at.is_(None))
    return unconfirmed.distinct().order_by(table.c.name)


async def _newest_instant(connection: AsyncConnection, until: datetime) -> datetime | None:
    """Find the newest instant up to now: in virtual time, a complaint may be ahead."""
    newest = [
        select(func.max(column)).where(column <= until).scalar_subquery()
        for column in (
            tables.events.c.recorded_at,
            tables.deliveries.c.sent_at,
            tables.staff_changes.c.at,
            tables.systems.c.added_at,
            tables.systems.c.revoked_at,
            tables.system_keys.c.made_at,
            tables.system_keys.c.last_used_at,
            tables.calendar_amendments.c.at,
            tables.administration_events.c.at,
            tables.holds.c.at,
            tables.tombstones.c.done_at,
        )
    ]
    found: datetime | None = await connection.scalar(select(func.greatest(*newest)))
    return found
