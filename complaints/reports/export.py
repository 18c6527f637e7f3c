"""Export the record as a stream, in constant memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import INSTANT
from complaints.reports.period import Period
from complaints.reports.snapshot import load_query, open_snapshot

BATCH_SIZE = 200
"""Rows that are in memory at once."""


class EventRow(NamedTuple):
    """An event, with its complaint."""

    reference: str
    policy: str
    status: str
    tier: str | None
    received_at: datetime
    closed_at: datetime | None
    closing_reason: str | None
    aspects: str
    sequence: int
    at: datetime
    recorded_at: datetime
    """When a worker wrote it first; `at` is by the complaint's own clock."""
    kind: str
    by: str | None
    what: str
    detail: str
    """JSON."""
    words_digest: str | None
    link: str
    """The digest of this event and all before it."""
    words: str | None
    """Free text as JSON; None: not requested, or none."""
    complainant: str | None
    """Their name. This and what follows is personal data; None: not requested, or none."""
    capacity: str | None
    represents: str | None
    """The person that a representative complains for."""
    authority: str | None
    needs: str | None
    """As JSON."""
    email: str | None
    address: str | None
    case_reference: str | None


async def export_complaints(engine: AsyncEngine, period: Period, *, with_free_text: bool) -> AsyncGenerator[str, None]:
    """Stream the complaints received in a period, each as one line of JSON.

    Raises RecordUnreachableError, RecordError.
    """
    async with aclosing(_stream(engine, "export_complaints", period, with_free_text=with_free_text)) as rows:
        async for row in rows:
            yield row[0]


async def export_events(engine: AsyncEngine, period: Period, *, with_free_text: bool) -> AsyncGenerator[EventRow, None]:
    """Stream the events of the same complaints. Raises RecordUnreachableError, RecordError."""
    async with aclosing(_stream(engine, "export_events", period, with_free_text=with_free_text)) as rows:
        async for row in rows:
            yield EventRow(*row)


async def _stream(engine: AsyncEngine, name: str, period: Period, *, with_free_text: bool) -> AsyncGenerator[Any, None]:
    """Stream a query's rows from one snapshot, by a server-side cursor."""
    statement = text(load_query(name)).bindparams(bindparam("start", type_=INSTANT), bindparam("end", type_=INSTANT))
    parameters = {"start": period.start, "end": period.end, "with_free_text": with_free_text}
    with translate_database_errors():
        async with open_snapshot(engine) as snapshot:
            rows = await snapshot.connection.stream(statement, parameters, execution_options={"yield_per": BATCH_SIZE})
            async for row in rows:
                yield row
