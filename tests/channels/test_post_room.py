"""A letter is in the post room whole, once, and for those alone who may read it."""

import asyncio
import resource
from pathlib import Path

import pytest

from complaints.channels.errors import ChannelUnavailableError
from complaints.channels.post_room import PostRoom

PDF = b"%PDF-1.7\n" + b"x" * 100_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "to" / "post"


@pytest.fixture
def there(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def in_the_way(folder: Path) -> Path:
    """A file where the folder should be."""
    folder.parent.mkdir()
    folder.touch()
    return folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_letter_lies_there_for_its_owner_alone(folder: Path) -> None:
    await PostRoom(folder).put("C-1003-7.pdf", PDF)
    assert (folder / "C-1003-7.pdf").read_bytes() == PDF
    assert files_in(folder) == ["C-1003-7.pdf"]
    assert mode(folder / "C-1003-7.pdf") == 0o600
    assert mode(folder) == 0o700


async def test_the_same_again_is_harmless(folder: Path) -> None:
    room = PostRoom(folder)
    await room.put("C-1003-7.pdf", PDF)
    before = (folder / "C-1003-7.pdf").stat()
    await room.put("C-1003-7.pdf", PDF)
    assert (folder / "C-1003-7.pdf").stat().st_mtime_ns == before.st_mtime_ns
    assert files_in(folder) == ["C-1003-7.pdf"]


async def test_the_same_at_once_is_harmless(folder: Path) -> None:
    room = PostRoom(folder)
    done = await asyncio.gather(*(room.put("C-1003-7.pdf", PDF) for _ in range(10)), return_exceptions=True)
    assert all(
        one is None or isinstance(one, ChannelUnavailableError) for one in done
    )  # it is tried again, and lies there
    assert None in done
    assert files_in(folder) == ["C-1003-7.pdf"]
    assert (folder / "C-1003-7.pdf").read_bytes() == PDF


async def test_what_a_killed_worker_left_half_done_is_done_anew(there: Path) -> None:
    (there / ".C-1003-7.pdf.x1y2.new").write_bytes(PDF[:10])
    (there / ".C-1003-70.pdf.x1y2.new").write_bytes(b"another's")
    await PostRoom(there).put("C-1003-7.pdf", PDF)
    assert files_in(there) == [".C-1003-70.pdf.x1y2.new", "C-1003-7.pdf"]
    assert (there / "C-1003-7.pdf").read_bytes() == PDF


async def test_a_folder_that_cannot_be_written_is_away(in_the_way: Path) -> None:
    with pytest.raises(ChannelUnavailableError, match="cannot be written") as failure:
        await PostRoom(in_the_way).put("C-1003-7.pdf", PDF)
    assert "C-1003" not in str(failure.value)


async def test_a_disk_that_is_full_is_away_and_nothing_half_done_is_left(there: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(PDF) // 2, limits[1]))
    try:
        with pytest.raises(ChannelUnavailableError, match="cannot be written"):
            await PostRoom(there).put("C-1003-7.pdf", PDF)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_in(there) == []
    await PostRoom(there).put("C-1003-7.pdf", PDF)
    assert files_in(there) == ["C-1003-7.pdf"]


@pytest.mark.parametrize("key", ["", "C-1003-7", "../C-1003-7.pdf", "a/b.pdf", ".C.pdf", "C\n.pdf", "C-1003-7.PDF"])
async def test_what_is_no_key_is_refused(there: Path, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await PostRoom(there).put(key, PDF)
    assert files_in(there) == []
