"""Data keys are wrapped by keys of files, bound to their ids, and unwrapped by any of them."""

import os
from pathlib import Path

import pytest

from complaints.encryption.data_keys import new_key
from complaints.encryption.key_wrapping import open_wrapping
from complaints.encryption.wrapping_errors import CannotUnwrapError, KeySettingError


def key_file(folder: Path, name: str, content: str | None = None, mode: int = 0o600) -> str:
    file = folder / name
    file.write_text(content or os.urandom(32).hex() + "\n")
    file.chmod(mode)
    return f"file:{file}"


async def test_a_wrapped_key_hides_the_secret_and_is_bound_to_its_id(tmp_path: Path) -> None:
    key, other = new_key(), new_key()
    async with open_wrapping([key_file(tmp_path, "key")]) as wrapping:
        [wrapped] = await wrapping.wrap({key.id: key.secret}, "C-1")
        assert (wrapped.id, wrapped.subject) == (key.id, "C-1")
        assert key.secret not in wrapped.wrapped
        assert await wrapping.unwrap_one(wrapped) == key.secret
        with pytest.raises(CannotUnwrapError, match="does not unwrap 1 data key, which were changed"):
            await wrapping.unwrap_one(wrapped._replace(id=other.id))
        with pytest.raises(CannotUnwrapError):
            await wrapping.unwrap_one(wrapped._replace(wrapped=wrapped.wrapped[:-1] + b"?"))


async def test_the_first_key_wraps_and_all_unwrap(tmp_path: Path) -> None:
    old, new, key = key_file(tmp_path, "old"), key_file(tmp_path, "new"), new_key()
    async with open_wrapping([old]) as wrapping:
        [by_old] = await wrapping.wrap({key.id: key.secret})
    async with open_wrapping([new, old]) as wrapping:
        assert await wrapping.unwrap_one(by_old) == key.secret
        [by_new] = await wrapping.wrap({key.id: key.secret})
    assert by_new.wrapped_by != by_old.wrapped_by
    async with open_wrapping([new]) as wrapping:
        assert await wrapping.unwrap([by_old, by_new]) == {key.id: key.secret}
        with pytest.raises(CannotUnwrapError) as raised:
            await wrapping.unwrap_one(by_old)
    assert str(raised.value) == (
        f"COMPLAINTS_KEY_ENCRYPTION_KEYS: {by_old.wrapped_by}, which has wrapped 1 data key, is missing; "
        "add it to the list"
    )


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        ("ab" * 32, 0o644, "is open to others (mode 0644); run: chmod 600 "),
        ("ab" * 32, 0o660, "is open to others (mode 0660); run: chmod 600 "),
        ("ab" * 16, 0o600, "does not hold 64 hexadecimal digits; make one: openssl rand -hex 32"),
        ("zz" * 32, 0o600, "does not hold 64 hexadecimal digits; make one: openssl rand -hex 32"),
        ("ä" * 64, 0o600, "cannot be read (not hexadecimal digits); give a readable file"),
    ],
)
async def test_a_file_that_others_read_or_that_holds_no_key_is_refused(
    tmp_path: Path, content: str, mode: int, problem: str
) -> None:
    name = key_file(tmp_path, "key", content, mode)
    with pytest.raises(KeySettingError) as raised:
        async with open_wrapping([name]):
            pass
    assert str(raised.value).startswith(f"{name} {problem}")
    assert content not in str(raised.value)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "not set; give file:/PATH, with a key made by: openssl rand -hex 32"),
        (["file:/nowhere/key"], "file:/nowhere/key cannot be read (No such file or directory); give a readable file"),
        (
            ["vault:https://vault.example.org:8200/transit/complaints"],
            (
                "vault:https://vault.example.org:8200/transit/complaints is incomplete; "
                "give vault:https://HOST:8200/MOUNT/KEY?token_file=/PATH"
            ),
        ),
        (
            ["vault:http://vault.example.org/transit/complaints?token_file=/token"],
            "vault: vault.example.org has an http address; give one with https",
        ),
    ],
)
async def test_a_key_that_cannot_be_used_is_refused_with_the_remedy(names: list[str], problem: str) -> None:
    with pytest.raises(KeySettingError) as raised:
        async with open_wrapping(names):
            pass
    assert str(raised.value) == problem
