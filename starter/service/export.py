"""Export the record of a period, as it is read."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.formatting.csv_cells import csv_cells
from complaints.procedure.field_types import Day
from complaints.procedure.policy import Policy
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.reports.export import EventRow, export_complaints, export_events
from complaints.reports.period import Period
from complaints.runtime.clock import now
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError
from starter.service.models import RequestModel

ROWS_IN_A_GROUP = 10_000
"""Rows in a row group of a Parquet file."""
NEEDS_PYARROW = "parquet needs pyarrow, which is not installed; run: pip install 'complaints[parquet]'"


class PeriodQuery(RequestModel):
    """The days from first to last, in the policy's time zone."""

    model_config = ConfigDict(populate_by_name=True)

    first: Annotated[Day, Field(alias="from")]
    """The first day."""
    last: Annotated[Day, Field(alias="to")]
    """The last day."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"to: {self.last} is before {self.first}; give a later day")
        return self

    def period(self, policy: Policy) -> Period:
        return Period(self.first, self.last, policy.time_zone)


class ExportQuery(PeriodQuery):
    """Which complaints, and in which form."""

    format: Literal["jsonl", "csv", "parquet"] = "jsonl"
    """One complaint on each line (jsonl), or one event in each row."""
    words: bool = False
    """Whether to include personal data: who complained, and free text."""


async def record_export(engine: AsyncEngine, query: ExportQuery, caller: StaffCaller) -> None:
    """Record that somebody exports people's words. Raises RecordUnreachableError."""
    span = f"{query.first} to {query.last}"
    with translate_database_errors():
        async with engine.begin() as connection:
            await add_event(connection, ChangeKind.RECORD_EXPORTED, span, by=caller.id, at=now(), format=query.format)


async def export_record(engine: AsyncEngine, policy: Policy, query: ExportQuery) -> AsyncGenerator[bytes, None]:
    """Stream the record of a period, from one snapshot. Raises ProblemError, RecordError."""
    period = query.period(policy)
    if query.format == "jsonl":
        async with aclosing(export_complaints(engine, period, with_free_text=query.words)) as lines:
            async for line in lines:
                yield f"{line}\n".encode()
        return
    async with aclosing(export_events(engine, period, with_free_text=query.words)) as rows:
        async for chunk in _csv(rows) if query.format == "csv" else _parquet(rows):
            yield chunk


async def _csv(rows: AsyncIterator[EventRow]) -> AsyncIterator[bytes]:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(EventRow._fields)
    async for row in rows:
        table.writerow(
            csv_cells(f"{each:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(each, datetime) else each for each in row)
        )
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


async def _parquet(rows: AsyncIterator[EventRow]) -> AsyncIterator[bytes]:
    """Write row groups into a buffer that is emptied after each."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise ProblemError(HTTPStatus.NOT_IMPLEMENTED, "not_installed", f"{NEEDS_PYARROW}.") from None
    instant = arrow.timestamp("us", tz="UTC")
    kinds: dict[str, Any] = dict.fromkeys(("received_at", "closed_at", "at", "recorded_at"), instant)
    kinds["sequence"] = arrow.int32()
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in EventRow._fields])
    sink = _Sink()
    file = parquet.ParquetWriter(arrow.PythonFile(sink, mode="w"), schema)
    batch: list[EventRow] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == ROWS_IN_A_GROUP:
            await asyncio.to_thread(file.write_batch, _record_batch(arrow, batch, schema))
            batch.clear()
            yield sink.take()
    file.write_batch(_record_batch(arrow, batch, schema))
    file.close()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Keep what is written until it is taken."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _record_batch(arrow: Any, rows: list[EventRow], schema: Any) -> Any:
    return arrow.RecordBatch.from_pylist([row._asdict() for row in rows], schema=schema)
