"""Write `administration_events`: what administrators do that has no history of its own."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.records import tables


class ChangeKind(StrEnum):
    """What was changed. The first two are kept in tables of their own."""

    STAFF_CHANGED = "staff_changed"
    CALENDAR_AMENDED = "calendar_amended"
    SYSTEM_ADDED = "system_added"
    KEY_ROTATED = "key_rotated"
    SYSTEM_REVOKED = "system_revoked"
    RECALENDAR_STARTED = "recalendar_started"
    RETENTION_STARTED = "retention_started"
    RETENTION_HELD = "retention_held"
    ERASURE_STARTED = "erasure_started"
    MESSAGE_SENT_AGAIN = "message_sent_again"
    RECORD_EXPORTED = "record_exported"
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
