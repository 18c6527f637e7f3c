"""The whole record, read as it is written out: any number of complaints take little memory."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import INSTANT
from complaints.reports.period import Period
from complaints.reports.snapshot import query, snapshot

BATCH_SIZE = 200
"""How many rows are in memory."""


class EventRow(NamedTuple):
    """An event, and the complaint that it is of."""

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
    kind: str
    by: str | None
    what: str
    detail: str
    """JSON."""
    words: str | None
    """JSON; None where they are not asked for, or there are none."""


async def complaints_of(engine: AsyncEngine, period: Period, *, words: bool) -> AsyncGenerator[str, None]:
    """Each complaint received in the period with all that is on the record of it, as a line of JSON.

    Raises RecordUnreachableError, RecordError.
    """
    async with aclosing(_streamed(engine, "export_complaints", period, words=words)) as rows:
        async for row in rows:
            yield row[0]


async def events_of(engine: AsyncEngine, period: Period, *, words: bool) -> AsyncGenerator[EventRow, None]:
    """Each event of the same complaints. Raises RecordUnreachableError, RecordError."""
    async with aclosing(_streamed(engine, "export_events", period, words=words)) as rows:
        async for row in rows:
            yield EventRow(*row)


async def _streamed(engine: AsyncEngine, name: str, period: Period, *, words: bool) -> AsyncGenerator[Any, None]:
    """All as they stood at one instant, by a cursor of the server's."""
    statement = text(query(name)).bindparams(bindparam("start", type_=INSTANT), bindparam("end", type_=INSTANT))
    given = {"start": period.start, "end": period.end, "words": words}
    with translate_database_errors():
        async with snapshot(engine) as look:
            found = await look.connection.stream(statement, given, execution_options={"yield_per": BATCH_SIZE})
            async for row in found:
                yield row
