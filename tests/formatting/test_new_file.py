"""A new file appears whole, for its owner only, and follows no link."""

import os
import stat
from pathlib import Path

import pytest

from complaints.formatting.new_file import new_file, write_new_file


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "record.csv"
    target.write_bytes(b"old")
    target.chmod(0o644)
    write_new_file(target, b"new")
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_at_the_target_is_replaced_and_what_it_names_stays(tmp_path: Path) -> None:
    theirs, target = tmp_path / "theirs", tmp_path / "out" / "record.csv"
    theirs.write_bytes(b"theirs")
    target.parent.mkdir()
    target.symlink_to(theirs)
    write_new_file(target, b"ours")
    assert theirs.read_bytes() == b"theirs"
    assert (target.read_bytes(), target.is_symlink()) == (b"ours", False)


def test_no_link_of_the_new_files_own_name_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("complaints.formatting.new_file.secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.part").symlink_to(tmp_path / "theirs")
    with pytest.raises(FileExistsError):
        write_new_file(tmp_path / "record.csv", b"ours")
    assert not (tmp_path / "theirs").exists()
    assert (tmp_path / ".guessed.part").is_symlink()


def test_a_file_that_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "record.csv"
    target.write_bytes(b"old")
    with pytest.raises(TypeError), new_file(target) as file:
        file.writelines([b"half", "a text"])  # type: ignore[list-item]
    assert (target.read_bytes(), list(tmp_path.iterdir())) == (b"old", [target])


def test_a_device_or_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no file"):
        write_new_file(tmp_path / "pipe", b"ours")
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_to_a_device_a_pipe_or_a_folder_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for theirs in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        target = tmp_path / "record.csv"
        target.symlink_to(theirs)
        with pytest.raises(OSError, match="is no file"):
            write_new_file(target, b"ours")
        target.unlink()


def test_a_link_of_the_system_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("complaints.formatting.new_file._DEVICES", tmp_path)
    (tmp_path / "redirected").write_bytes(b"theirs")
    (tmp_path / "stdout").symlink_to(tmp_path / "redirected")
    with pytest.raises(OSError, match="is no file"):
        write_new_file(tmp_path / "stdout", b"ours")
    assert (tmp_path / "stdout").is_symlink()
