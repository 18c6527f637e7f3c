"""Write files that people may read, so that no link is followed and none is half written."""

import os
import secrets  # noqa: TID251 - a name that nobody guesses
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_DEVICES = Path("/dev")
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file, which takes the place of `path` once it is complete.

    Only its owner may read it. A link at `path` is replaced, not followed.
    Raises OSError, also for a target that is no file, such as a device.
    """
    _check_target(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(temporary, _FLAGS, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
            yield file
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_new_file(path: Path, content: bytes) -> None:
    """Write a whole file, as `new_file` does. Raises OSError."""
    with new_file(path) as file:
        file.write(content)


def sync_folder(folder: Path) -> None:
    """Force the folder to the disk, and so the names of its files. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_target(path: Path) -> None:
    """Refuse a device, a pipe, a folder, and a link of the system's, such as /dev/stdout."""
    try:
        mode = path.stat().st_mode
    except OSError:  # there is none, or a link that names none
        return
    is_system_link = path.is_symlink() and path.parent.resolve() == _DEVICES
    if is_system_link or not stat.S_ISREG(mode):
        raise OSError("it is there already, and is no file")
