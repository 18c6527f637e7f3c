"""Export the record as it is read: one complaint a line, or one event a row."""

import csv
import io
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.input_files import unwritable
from admin.shared.output import escape_controls, printable
from complaints.formatting.csv_cells import csv_cells
from complaints.formatting.new_file import new_file
from complaints.reports.export import EventRow, export_complaints, export_events
from complaints.reports.period import Period

BATCH_SIZE = 10_000
"""Rows in a row group of a Parquet file."""


async def write_export(connections: Connections, period: Period, form: str, out: str | None, *, words: bool) -> None:
    """Write the export to a file, or to standard output for None. Raises CommandError."""
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
                    assert out, "--out was checked before"
                    await _write_parquet(rows, Path(out))
    except OSError as error:
        if out is None:  # the reader has gone, or the disk under standard output is full
            raise
        raise bad_input(f"--out: {unwritable(out, error)}") from error


@contextmanager
def _open_output(out: str | None) -> Iterator[TextIO]:
    """Open standard output, or a file that appears only once it is complete."""
    if out is None:
        yield sys.stdout
        return
    with new_file(Path(out)) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        yield text
        text.detach()


async def _write_lines(lines: AsyncIterator[str], out: str | None) -> None:
    with _open_output(out) as file:
        async for line in lines:
            file.write(f"{escape_controls(line)}\n")


async def _write_csv(rows: AsyncIterator[EventRow], out: str | None) -> None:
    with _open_output(out) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(EventRow._fields)
        is_terminal = out is None and sys.stdout.isatty()
        async for row in rows:
            cells = csv_cells(f"{each:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(each, datetime) else each for each in row)
            table.writerow([printable(each) if is_terminal and isinstance(each, str) else each for each in cells])


async def _write_parquet(rows: AsyncIterator[EventRow], path: Path) -> None:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise CommandError(
            Exit.FAILED,
            "--format: parquet needs pyarrow, which is not installed; run: pip install 'complaints[parquet]'",
        ) from error
    instant = arrow.timestamp("us", tz="UTC")
    kinds: dict[str, Any] = dict.fromkeys(("received_at", "closed_at", "at", "recorded_at"), instant)
    kinds["sequence"] = arrow.int32()
    schema = arrow.schema([(name, kinds.get(name, arrow.string())) for name in EventRow._fields])
    with new_file(path) as target, parquet.ParquetWriter(target, schema) as file:
        batch: list[EventRow] = []
        async for row in rows:
            batch.append(row)
            if len(batch) == BATCH_SIZE:
                file.write_batch(_record_batch(arrow, batch, schema))
                batch.clear()
        file.write_batch(_record_batch(arrow, batch, schema))


def _record_batch(arrow: Any, rows: list[EventRow], schema: Any) -> Any:
    return arrow.RecordBatch.from_pylist([row._asdict() for row in rows], schema=schema)
