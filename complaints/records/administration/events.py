"""Write `administration_events`: what administrators do that has no history of its own."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.records import tables
from complaints.records.database import translate_database_errors


class ChangeKind(StrEnum):
    """What was changed. The first two are kept in tables of their own."""

    STAFF_CHANGED = "staff_changed"
    CALENDAR_AMENDED = "calendar_amended"
    SYSTEM_ADDED = "system_added"
    KEY_ROTATED = "key_rotated"
    SYSTEM_REVOKED = "system_revoked"
    RECALENDAR_STARTED = "recalendar_started"
    STAFF_CONFIRMED = "staff_confirmed"
    SYSTEM_CONFIRMED = "system_confirmed"


async def add_event(
    connection: AsyncConnection, kind: ChangeKind, subject: str, *, by: str, at: datetime, **detail: Any
) -> int:
    """Append an event within the transaction of the change. Return its number."""
    table = tables.administration_events
    row = {"at": at, "by": by, "kind": kind, "subject": subject, "detail": detail}
    number: int = (await connection.execute(insert(table).values(row).returning(table.c.number))).scalar_one()
    return number


async def record_recalendar_start(engine: AsyncEngine, by: str, at: datetime) -> int:
    """Record that somebody starts a recalculation; return the event's number.

    Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            return await add_event(connection, ChangeKind.RECALENDAR_STARTED, "open complaints", by=by, at=at)


async def was_recalendar_started(engine: AsyncEngine, number: int, by: str) -> bool:
    """Check that the event is a recalculation's start by `by`. Raises RecordUnreachableError."""
    table = tables.administration_events
    is_start = (table.c.number == number, table.c.by == by, table.c.kind == ChangeKind.RECALENDAR_STARTED)
    with translate_database_errors():
        async with engine.connect() as connection:
            return bool(await connection.scalar(select(select(table).where(*is_start).exists())))
