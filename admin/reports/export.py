"""Writes the record out, a complaint a line or an event a row, as it is read."""

import csv
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from complaints.reports.export import EventRow, export_complaints, export_events
from complaints.reports.period import Period

BATCH_SIZE = 10_000
"""Rows of a group in a Parquet file."""


async def write_export(connections: Connections, period: Period, form: str, out: str | None, *, words: bool) -> None:
    """Raises CommandError."""
    try:
        async with connections.record(timeout_seconds=None) as engine:
            if form == "jsonl":
                async with aclosing(export_complaints(engine, period, with_free_text=words)) as lines:
                    await _write_lines(lines, out)
                return
            async with aclosing(export_events(engine, period, with_free_text=words)) as rows:
                if form == "csv":
                    await _write_csv(rows, out)
                else:
                    assert out, "asked for before"
                    await _write_parquet(rows, Path(out))
    except OSError as error:
        if out is None:  # the reader has gone, or the disk under standard output is full
            raise
        raise bad_input(f"--out: {error}") from error


@contextmanager
def _opened(out: str | None) -> Iterator[TextIO]:
    """Standard output; or a file that is there only once it is whole."""
    if out is None:
        yield sys.stdout
        return
    with _whole(Path(out)) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


async def _write_lines(lines: AsyncIterator[str], out: str | None) -> None:
    with _opened(out) as file:
        async for line in lines:
            file.write(f"{line}\n")


async def _write_csv(rows: AsyncIterator[EventRow], out: str | None) -> None:
    with _opened(out) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(EventRow._fields)
        async for row in rows:
            table.writerow([f"{each:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(each, datetime) else each for each in row])


async def _write_parquet(rows: AsyncIterator[EventRow], path: Path) -> None:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise CommandError(
            Exit.FAILED, "--format: parquet needs pyarrow, which is not installed: pip install 'complaints[parquet]'"
        ) from error
    instant = arrow.timestamp("us", tz="UTC")
    kinds: dict[str, Any] = {"received_at": instant, "closed_at": instant, "at": instant, "sequence": arrow.int32()}
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in EventRow._fields])
    with _whole(path) as part, parquet.ParquetWriter(part, schema) as file:
        waiting: list[EventRow] = []
        async for row in rows:
            waiting.append(row)
            if len(waiting) == BATCH_SIZE:
                file.write_batch(_batch(arrow, waiting, schema))
                waiting.clear()
        file.write_batch(_batch(arrow, waiting, schema))


def _batch(arrow: Any, rows: list[EventRow], schema: Any) -> Any:
    return arrow.RecordBatch.from_pylist([row._asdict() for row in rows], schema=schema)
