"""A letter is written to the post room whole, once, and readable by its owner only."""

import asyncio
import fcntl
import resource
from pathlib import Path

import pytest

from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.post_room import PostRoom

PDF = b"%PDF-1.7\n" + b"x" * 100_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "to" / "post"


@pytest.fixture
def existing_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def blocked_folder(folder: Path) -> Path:
    """A file instead of the folder."""
    folder.parent.mkdir()
    folder.touch()
    return folder


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_letter_is_readable_by_its_owner_only(folder: Path) -> None:
    await PostRoom(folder).put("C-1003-7.pdf", PDF)
    assert (folder / "C-1003-7.pdf").read_bytes() == PDF
    assert files_in(folder) == ["C-1003-7.pdf"]
    assert mode(folder / "C-1003-7.pdf") == 0o640
    assert mode(folder) == 0o700


async def test_a_repeat_does_not_write_the_letter_again(folder: Path) -> None:
    post_room = PostRoom(folder)
    await post_room.put("C-1003-7.pdf", PDF)
    before = (folder / "C-1003-7.pdf").stat()
    await post_room.put("C-1003-7.pdf", PDF)
    assert (folder / "C-1003-7.pdf").stat().st_mtime_ns == before.st_mtime_ns
    assert files_in(folder) == ["C-1003-7.pdf"]


async def test_repeats_at_the_same_time_leave_one_whole_letter(folder: Path) -> None:
    post_room = PostRoom(folder)
    done = await asyncio.gather(*(post_room.put("C-1003-7.pdf", PDF) for _ in range(10)), return_exceptions=True)
    # A failed repeat is tried again, and finds the letter.
    assert all(one is None or isinstance(one, ChannelUnavailableError) for one in done)
    assert None in done
    assert files_in(folder) == ["C-1003-7.pdf"]
    assert (folder / "C-1003-7.pdf").read_bytes() == PDF


async def test_a_file_that_a_killed_worker_left_incomplete_is_written_again(existing_folder: Path) -> None:
    (existing_folder / ".C-1003-7.pdf.x1y2.new").write_bytes(PDF[:10])
    (existing_folder / ".C-1003-70.pdf.x1y2.new").write_bytes(b"another's")
    await PostRoom(existing_folder).put("C-1003-7.pdf", PDF)
    assert files_in(existing_folder) == ["C-1003-7.pdf"]
    assert (existing_folder / "C-1003-7.pdf").read_bytes() == PDF


async def test_an_incomplete_file_is_deleted_also_where_its_letter_is_there_or_never_comes(
    existing_folder: Path,
) -> None:
    post_room = PostRoom(existing_folder)
    await post_room.put("C-1003-7.pdf", PDF)
    for name in (".C-1003-7.pdf.x1y2.new", ".C-1004-7.pdf.x1y2.new"):
        (existing_folder / name).write_bytes(PDF[:10])
    await post_room.put("C-1003-7.pdf", PDF)
    assert files_in(existing_folder) == ["C-1003-7.pdf"]


async def test_a_file_that_is_being_written_stays(existing_folder: Path) -> None:
    growing = existing_folder / ".C-1004-7.pdf.x1y2.new"
    with growing.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        await PostRoom(existing_folder).delete_unfinished()
        assert files_in(existing_folder) == [growing.name]
    await PostRoom(existing_folder).delete_unfinished()
    assert files_in(existing_folder) == []


async def test_an_erasure_deletes_letters_and_incomplete_files_of_the_complaint_only(existing_folder: Path) -> None:
    for name in ("C-1-7.pdf", ".C-1-8.pdf.x1y2.new", "C-1-2-7.pdf", ".C-1-2-8.pdf.x1y2.new"):
        (existing_folder / name).write_bytes(PDF)
    await PostRoom(existing_folder).delete_letters(["C-1"])
    assert files_in(existing_folder) == [".C-1-2-8.pdf.x1y2.new", "C-1-2-7.pdf"]


@pytest.mark.parametrize("other", [b"", PDF + b"x", PDF[:-1]])
async def test_another_letter_of_the_same_name_is_kept_and_ours_refused(existing_folder: Path, other: bytes) -> None:
    (existing_folder / "C-1003-7.pdf").write_bytes(other)
    with pytest.raises(ChannelRefusedError, match="another file of its name") as failure:
        await PostRoom(existing_folder).put("C-1003-7.pdf", PDF)
    assert "C-1003" not in str(failure.value)
    assert (existing_folder / "C-1003-7.pdf").read_bytes() == other


async def test_a_link_of_a_letters_name_is_no_letter(existing_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.pdf"
    elsewhere.write_bytes(PDF)
    (existing_folder / "C-1003-7.pdf").symlink_to(elsewhere)
    (existing_folder / "C-1003-8.pdf").symlink_to(tmp_path / "nowhere.pdf")
    for key in ("C-1003-7.pdf", "C-1003-8.pdf"):
        with pytest.raises(ChannelRefusedError):
            await PostRoom(existing_folder).put(key, PDF)
    assert not (tmp_path / "nowhere.pdf").exists()


async def test_an_unwritable_folder_is_a_temporary_failure(blocked_folder: Path) -> None:
    with pytest.raises(ChannelUnavailableError, match="cannot be written") as failure:
        await PostRoom(blocked_folder).put("C-1003-7.pdf", PDF)
    assert "C-1003" not in str(failure.value)


async def test_a_full_disk_is_a_temporary_failure_and_leaves_no_incomplete_file(existing_folder: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(PDF) // 2, limits[1]))
    try:
        with pytest.raises(ChannelUnavailableError, match="cannot be written"):
            await PostRoom(existing_folder).put("C-1003-7.pdf", PDF)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files_in(existing_folder) == []
    await PostRoom(existing_folder).put("C-1003-7.pdf", PDF)
    assert files_in(existing_folder) == ["C-1003-7.pdf"]


@pytest.mark.parametrize("key", ["", "C-1003-7", "../C-1003-7.pdf", "a/b.pdf", ".C.pdf", "C\n.pdf", "C-1003-7.PDF"])
async def test_a_malformed_key_is_refused(existing_folder: Path, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        await PostRoom(existing_folder).put(key, PDF)
    assert files_in(existing_folder) == []
