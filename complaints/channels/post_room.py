"""Letters by post: PDF files in a folder, from which the mail room prints them."""

import asyncio
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.formatting.new_file import sync_folder

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.pdf")

_LETTER = re.compile(r"(.+)-[1-9][0-9]*\.pdf")
_UNFINISHED = re.compile(r"\.(.+\.pdf)\.[^.]+\.new")


class PostRoom:
    """A folder for letters; the first letter creates it, closed to others.

    Letters can be read by their group, so a folder made for the mail room's group lets it in.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, pdf: bytes, *, replace: bool = False) -> None:
        """Write a letter atomically; keep a file of the same key, which may be printing already.

        `replace`: the letter came back, so a file of the same key has been printed, and gives way.

        A key is a file name such as `C-1003-7.pdf`. Raises ChannelUnavailableError; ChannelRefusedError where
        another file has that name; ValueError for another key.
        """
        if not _KEY.fullmatch(key):
            raise ValueError("this is no key; give letters, digits and . _ -, and the ending .pdf")
        try:
            await asyncio.to_thread(self._put, key, pdf, replace)
        except OSError as error:
            raise ChannelUnavailableError(f"the post room's folder cannot be written: {error.strerror}") from None

    async def delete_unfinished(self) -> None:
        """Delete the files that killed workers left half written. Raises OSError."""
        await asyncio.to_thread(self._delete_unfinished)

    async def delete_letters(self, references: Collection[str]) -> None:
        """Delete the letters of complaints, whose keys are such as `C-1003-7.pdf`. Raises OSError."""
        await asyncio.to_thread(self._delete, frozenset(references))

    def _delete(self, references: frozenset[str]) -> None:
        for file in self._files():
            unfinished = _UNFINISHED.fullmatch(file.name)
            letter = _LETTER.fullmatch(unfinished[1] if unfinished else file.name)
            if letter and letter[1] in references:
                file.unlink(missing_ok=True)

    def _delete_unfinished(self) -> None:
        for file in self._files():
            if _UNFINISHED.fullmatch(file.name):
                with suppress(OSError):  # another worker has finished it, or is writing it
                    _delete_unlocked(file)

    def _files(self) -> Iterator[Path]:
        if self._folder.exists():
            yield from self._folder.iterdir()

    def _put(self, key: str, pdf: bytes, replace: bool) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._delete_unfinished()
        target = self._folder / key
        if os.path.lexists(target) and not (replace and stat.S_ISREG(target.lstat().st_mode)):
            if not _holds(target, pdf):
                raise ChannelRefusedError(
                    "the post room has another file of its name; take that away, or say that it has gone"
                )
            return
        descriptor, temporary = tempfile.mkstemp(prefix=f".{key}.", suffix=".new", dir=self._folder)  # mode 0600
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 (a descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # until it is complete, or its worker dies
                file.write(pdf)
                file.flush()
                os.fchmod(descriptor, 0o640)  # for the folder's group, the mail room, where the folder lets it in
                os.fsync(descriptor)
                Path(temporary).rename(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
        sync_folder(self._folder)


def _holds(file: Path, content: bytes) -> bool:
    """Return whether it is a regular file with this content; a link is none. Raises OSError."""
    if not stat.S_ISREG(file.lstat().st_mode):
        return False
    with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as opened:  # noqa: PTH123 (a descriptor)
        return opened.read(len(content) + 1) == content


def _delete_unlocked(file: Path) -> None:
    """Delete a file that nobody writes. Raises BlockingIOError where somebody does."""
    descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
