"""Puts letters that go by post where the mail room takes them: one PDF each, whole or not there at all."""

import asyncio
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from complaints.channels.errors import ChannelAwayError

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.pdf")

_LETTER = re.compile(r"(.+)-[1-9][0-9]*\.pdf")


class PostRoom:
    """A folder, which is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, pdf: bytes) -> None:
        """Under a key such as `C-1003-7.pdf`; what lies there under it already stays as it is, as it may be in the
        printer's hands. Raises ChannelAwayError; ValueError for what is no key."""
        if not _KEY.fullmatch(key):
            raise ValueError("a key is letters, digits and . _ -, and ends in .pdf")
        try:
            await asyncio.to_thread(self._put, key, pdf)
        except OSError as error:
            raise ChannelAwayError(f"the post room's folder cannot be written: {error.strerror}") from None

    async def forget(self, references: Collection[str]) -> None:
        """Delete the letters of those complaints, kept under keys such as `C-1003-7.pdf`. Raises OSError."""
        await asyncio.to_thread(self._forget, frozenset(references))

    def _forget(self, references: frozenset[str]) -> None:
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
        for half_done in self._folder.glob(f".{key}.*.new"):  # by a worker that was killed
            half_done.unlink(missing_ok=True)
        descriptor, growing = tempfile.mkstemp(prefix=f".{key}.", suffix=".new", dir=self._folder)  # for us alone: 0600
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 (it is open already)
                file.write(pdf)
                file.flush()
                os.fsync(file.fileno())
            Path(growing).rename(target)
        finally:
            Path(growing).unlink(missing_ok=True)
        _to_disk(self._folder)


def _to_disk(folder: Path) -> None:
    """A name is on the disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
