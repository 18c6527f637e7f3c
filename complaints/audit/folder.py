"""Keep roots in a folder that the owner of the database does not reach: a file for each day."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from complaints.audit.roots import RootFile
from complaints.formatting.new_file import sync_folder

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
PATTERN = "root-*.json"


def put_root(folder: Path, file: RootFile) -> None:
    """Write the root of a day, unless its file is there: none is overwritten. Raises OSError."""
    path = folder / f"root-{file.root.day}.json"
    content = file.model_dump_json(indent=1).encode() + b"\n"
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)  # of an attempt that was cut off
    descriptor = os.open(part, _NEW, 0o444)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    sync_folder(folder)


def read_folder(folder: Path) -> Iterator[tuple[str, RootFile | None]]:
    """Yield each file's name with what it holds, by day; None: it is no root. Raises OSError."""
    for path in sorted(folder.glob(PATTERN)):
        try:
            yield path.name, RootFile.model_validate_json(path.read_bytes())
        except ValidationError:
            yield path.name, None
