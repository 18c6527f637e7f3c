"""Reads the record: one complaint whole, or many in the order in which they fall due."""

from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, Table, and_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import ClosingReason, Status
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, EventView
from complaints.records import tables
from complaints.records.database import translate_database_errors

BATCH_SIZE = 500
"""How many views of a list are in memory."""

_EVENT = ("sequence", "at", "kind", "by", "what", "detail")

_READ_AT_LEISURE = text("SET LOCAL idle_in_transaction_session_timeout = 0")
"""Whoever reads a list may pause; nothing waits for them."""


class RecordedComplaint(BaseModel):
    """What intake needs to know of a complaint under a reference."""

    form_digest: str
    status: Status
    opened_at: datetime
    closed_at: datetime | None
    closing_reason: ClosingReason | None


async def find(engine: AsyncEngine, reference: str) -> RecordedComplaint | None:
    """None: not on the record. Raises RecordUnreachableError."""
    table = tables.complaints
    wanted = select(*(table.c[name] for name in RecordedComplaint.model_fields)).where(table.c.reference == reference)
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")  # one round trip instead of three
            row = (await connection.execute(wanted)).mappings().one_or_none()
    return RecordedComplaint.model_validate(dict(row)) if row else None


async def complaint_history(engine: AsyncEngine, reference: str) -> ComplaintHistory | None:
    """Where a complaint stands, with every event; None: not on the record. Raises RecordUnreachableError."""
    found = await _with_events(engine, reference, "view", tuple(EventView.model_fields))
    return ComplaintHistory.model_validate(found) if found else None


async def state(engine: AsyncEngine, reference: str) -> ComplaintState | None:
    """The whole state as last recorded, with every event, without people's words and without answers to acts.

    None: not on the record. Raises RecordUnreachableError.
    """
    found = await _with_events(engine, reference, "state", _EVENT)
    return ComplaintState.model_validate(found) if found else None


async def last_states(engine: AsyncEngine, references: Collection[str]) -> list[ComplaintState]:
    """The states as last recorded, each with its last event alone. Raises RecordUnreachableError."""
    complaint, event = tables.complaints, tables.events
    fields = [event.c[name].label(f"event_{name}") for name in _EVENT]
    last = and_(event.c.reference == complaint.c.reference, event.c.sequence == complaint.c.sequence)
    wanted = select(complaint.c.state, *fields).join(event, last).where(complaint.c.reference.in_(references))
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(wanted.order_by(complaint.c.reference))).mappings()
            return [
                ComplaintState.model_validate({**row["state"], "events": [{n: row[f"event_{n}"] for n in _EVENT}]})
                for row in rows
            ]


async def events(engine: AsyncEngine, reference: str) -> dict[int, Event]:
    """Every event on the record by its sequence, without people's words. Raises RecordUnreachableError."""
    table = tables.events
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(_of(table, reference, *_EVENT).order_by(table.c.sequence))
            return {row["sequence"]: Event.model_validate(dict(row)) for row in rows.mappings()}


async def free_text(engine: AsyncEngine, reference: str) -> dict[int, dict[str, str]]:
    """People's words by the sequence of their event and by field; "" where erased. Raises RecordUnreachableError."""
    table = tables.free_text
    said: dict[int, dict[str, str]] = {}
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(
                _of(table, reference, "sequence", "field", "text").order_by(table.c.sequence, table.c.field)
            )
            for row in rows:
                said.setdefault(row.sequence, {})[row.field] = row.text
    return said


async def views(
    engine: AsyncEngine,
    *,
    tier: str | None = None,
    status: Status | None = None,
    overdue: bool | None = None,
    holder: str | None = None,
    due_before: datetime | None = None,
    limit: int | None = None,
) -> AsyncGenerator[ComplaintView, None]:
    """The complaints that fit all that is given, next due first, those with nothing due last, then by reference.

    All as they stood at one instant; fetched as they are read. Raises RecordUnreachableError.
    """
    table = tables.complaints
    wanted = select(table.c.view).order_by(table.c.next_due_at.nulls_last(), table.c.reference).limit(limit)
    for column, value in ((table.c.tier, tier), (table.c.status, status), (table.c.holder, holder)):
        if value is not None:
            wanted = wanted.where(column == value)
    if overdue is not None:
        wanted = wanted.where(table.c.overdue if overdue else ~table.c.overdue)
    if due_before is not None:
        wanted = wanted.where(table.c.next_due_at < due_before)
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execute(_READ_AT_LEISURE)
            found = await connection.stream_scalars(wanted, execution_options={"yield_per": BATCH_SIZE})
            async for view in found:
                yield ComplaintView.model_validate(view)


async def _with_events(
    engine: AsyncEngine, reference: str, document: str, fields: tuple[str, ...]
) -> dict[str, Any] | None:
    """The complaint's JSON of that name and its events up to the one that it shows."""
    table = tables.events
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(_of(tables.complaints, reference, document, "sequence"))).one_or_none()
            if row is None:
                return None
            # A later transition may have come between the two statements: its events do not belong here.
            events = await connection.execute(
                _of(table, reference, *fields).where(table.c.sequence <= row.sequence).order_by(table.c.sequence)
            )
            return {**row[0], "events": [dict(event) for event in events.mappings()]}


def _of(table: Table, reference: str, *names: str) -> Select[*tuple[Any, ...]]:
    return select(*(table.c[name] for name in names)).where(table.c.reference == reference)
