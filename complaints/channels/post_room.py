"""Letters by post: PDF files in a folder, from which the mail room prints them."""

import asyncio
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from complaints.channels.errors import ChannelUnavailableError

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.pdf")

_LETTER = re.compile(r"(.+)-[1-9][0-9]*\.pdf")


class PostRoom:
    """A folder for letters; the first letter creates it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, pdf: bytes) -> None:
        """Write a letter atomically; keep a file of the same key, which may be printing already.

        A key is a file name such as `C-1003-7.pdf`. Raises ChannelUnavailableError, and ValueError for another key.
        """
        if not _KEY.fullmatch(key):
            raise ValueError("this is no key; give letters, digits and . _ -, and the ending .pdf")
        try:
            await asyncio.to_thread(self._put, key, pdf)
        except OSError as error:
            raise ChannelUnavailableError(f"the post room's folder cannot be written: {error.strerror}") from None

    async def delete_letters(self, references: Collection[str]) -> None:
        """Delete the letters of complaints, whose keys are such as `C-1003-7.pdf`. Raises OSError."""
        await asyncio.to_thread(self._delete, frozenset(references))

    def _delete(self, references: frozenset[str]) -> None:
        if self._folder.exists():
            for file in self._folder.iterdir():
                letter = _LETTER.fullmatch(file.name)
                if letter and letter[1] in references:
                    file.unlink(missing_ok=True)

    def _put(self, key: str, pdf: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._folder / key
        if target.exists():
            return
        for partial in self._folder.glob(f".{key}.*.new"):  # left by a worker that was killed
            partial.unlink(missing_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{key}.", suffix=".new", dir=self._folder)  # mode 0600
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).rename(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    """Force the folder to the disk, and so the names of its files."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
