"""Write the export of the record as it comes from the HTTP service."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from admin.reports.period import read_period
from admin.shared.api import Api
from admin.shared.errors import bad_input
from admin.shared.input_files import unwritable
from admin.shared.json_stream import lines_of
from admin.shared.output import escape_controls, printable
from complaints.formatting.new_file import new_file
from complaints.formatting.suggestion import unknown_name

FORMATS = ("jsonl", "csv", "parquet")


def write_export(
    first: str | None, last: str | None, form: str, out: str | None, by: str | None, *, words: bool
) -> None:
    """Write the export to a file, or to standard output for None. Raises CommandError."""
    errors: list[str] = []
    with Api(by, {"from": "--from", "to": "--to", "format": "--format", "words": "--words"}) as api:
        period = read_period(api, first, last, errors)
        if form not in FORMATS:
            errors.append(f"--format: {unknown_name(form, FORMATS)}")
        if form == "parquet" and out is None:
            errors.append("--out: is needed for parquet; give a file")
        if errors:
            raise bad_input(*errors)
        query = {**period, "format": form, "words": "true" if words else "false"}
        with api.stream("GET", "/export", params=query) as answer:
            try:
                with _open_output(out) as file:
                    if form == "parquet":
                        for chunk in answer.iter_bytes():
                            file.write(chunk)
                        return
                    is_terminal = out is None and sys.stdout.isatty()
                    for line in lines_of(answer.iter_bytes()):
                        if form == "jsonl":
                            file.write(f"{escape_controls(line)}\n".encode())
                        else:
                            file.write(f"{printable(line) if is_terminal else line}\n".encode())
            except OSError as error:
                if out is None:  # the reader has gone, or the disk under standard output is full
                    raise
                raise bad_input(f"--out: {unwritable(out, error)}") from error


@contextmanager
def _open_output(out: str | None) -> Iterator[BinaryIO]:
    """Open standard output, or a file that appears only once it is complete."""
    if out is None:
        yield _StandardOutput()  # type: ignore[misc]
        return
    with new_file(Path(out)) as file:
        yield file


class _StandardOutput:
    """Standard output as text, in its own encoding."""

    def write(self, content: bytes) -> int:
        return sys.stdout.write(content.decode())
