"""Read every change of the staff directory, the calendar and systems."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, String, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import tables
from complaints.records.administration.events import ChangeKind
from complaints.records.database import translate_database_errors


class RecordedChange(BaseModel):
    """One change, with who made it."""

    at: datetime
    by: str
    kind: ChangeKind
    subject: str
    """The id of a member of staff, the name of a system, or a region."""
    detail: dict[str, Any]
    """Of staff, the old and the new value of each field; otherwise the values that were given."""


async def stream_changes(engine: AsyncEngine, since: datetime, until: datetime) -> AsyncGenerator[RecordedChange, None]:
    """Yield each change from `since` to before `until`, oldest first.

    Raises RecordUnreachableError.
    """
    changes = union_all(_of_staff(), _of_calendar(), _others()).subquery("changes")
    is_asked_for = (changes.c.at >= since, changes.c.at < until)
    statement = select(changes).where(*is_asked_for).order_by(changes.c.at, changes.c.kind, changes.c.number)
    with translate_database_errors():
        async with engine.connect() as connection, connection.stream(statement) as rows:
            async for row in rows.mappings():
                yield RecordedChange.model_validate(dict(row))


def _of_staff() -> Select[*tuple[Any, ...]]:
    table = tables.staff_changes
    return select(
        table.c.number,
        table.c.at,
        table.c.by,
        literal(ChangeKind.STAFF_CHANGED.value, String).label("kind"),
        table.c.staff.label("subject"),
        table.c.changed.label("detail"),
    )


def _of_calendar() -> Select[*tuple[Any, ...]]:
    table = tables.calendar_amendments
    detail = func.jsonb_build_object("on", table.c.on, "name", table.c.name, "reason", table.c.reason)
    return select(
        table.c.number,
        table.c.at,
        table.c.by,
        literal(ChangeKind.CALENDAR_AMENDED.value, String).label("kind"),
        table.c.region.label("subject"),
        cast(detail, JSONB).label("detail"),
    )


def _others() -> Select[*tuple[Any, ...]]:
    table = tables.administration_events
    return select(table.c.number, table.c.at, table.c.by, table.c.kind, table.c.subject, table.c.detail)
