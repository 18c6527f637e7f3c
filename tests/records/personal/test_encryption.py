"""Personal data on the record: who reads it, and who does not."""

from datetime import UTC, datetime

import pytest

from complaints.encryption.data_keys import DataKey, KeysUnreachableError, new_key
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.records.database import RecordError, RecordUnreachableError
from complaints.records.personal.encryption import Cipher, MissingKeyError, cipher_of, decrypt

NOW = datetime(2033, 1, 1, tzinfo=UTC)
TEXT = "Mrs Quillfeather said \u201cXylograph!\u201d"


class UnreachableKeys(InMemoryKeys):
    """Keys of a store that is away."""

    async def for_subject(self, subject: str) -> DataKey:  # noqa: ARG002
        raise KeysUnreachableError("no answer in time")

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:  # noqa: ARG002
        raise KeysUnreachableError("no answer in time")


async def encrypted(keys: InMemoryKeys, reference: str = "C-1", place: str = "a/1") -> bytes:
    cipher = await cipher_of(keys, reference)
    assert cipher
    return cipher.encrypt(place, TEXT)


async def test_a_text_is_read_with_its_key() -> None:
    keys = InMemoryKeys()
    data = await encrypted(keys)
    assert b"Quillfeather" not in data
    assert await decrypt(keys, "C-1", "a/1", data) == TEXT
    assert data != await encrypted(keys), "equal texts are not seen to be equal"


@pytest.mark.parametrize(("reference", "place"), [("C-2", "a/1"), ("C-1", "a/2")])
async def test_a_text_that_was_moved_is_not_read(reference: str, place: str) -> None:
    keys = InMemoryKeys()
    data = await encrypted(keys)
    with pytest.raises(RecordError, match="is not as a worker wrote it"):
        await decrypt(keys, reference, place, data)


@pytest.mark.parametrize("position", [30, -1])
async def test_a_text_that_was_changed_is_not_read(position: int) -> None:
    keys = InMemoryKeys()
    data = bytearray(await encrypted(keys))
    data[position] ^= 1
    with pytest.raises(RecordError, match="a/1 of C-1 on the record is not as a worker wrote it"):
        await decrypt(keys, "C-1", "a/1", bytes(data))


async def test_without_its_key_a_text_is_erased() -> None:
    keys = InMemoryKeys()
    data = await encrypted(keys)
    await keys.destroy("C-1", "lena", "policy", NOW)
    assert await decrypt(keys, "C-1", "a/1", data) is None
    assert await decrypt(keys, "C-1", "a/1", None) is None
    assert await cipher_of(keys, "C-1") is None


async def test_a_key_that_the_store_has_lost_is_named() -> None:
    data = await encrypted(InMemoryKeys())
    with pytest.raises(MissingKeyError, match=r"the key k_[0-9a-f]{24} of C-1 is missing"):
        await decrypt(InMemoryKeys(), "C-1", "a/1", data)
    with pytest.raises(MissingKeyError):
        await decrypt(InMemoryKeys(), "C-1", "a/1", b"x")


async def test_while_the_key_store_is_away_the_record_is_unavailable() -> None:
    data = await encrypted(InMemoryKeys())
    with pytest.raises(RecordUnreachableError, match="the key store is unavailable: no answer in time"):
        await decrypt(UnreachableKeys(), "C-1", "a/1", data)
    with pytest.raises(RecordUnreachableError):
        await cipher_of(UnreachableKeys(), "C-1")


async def test_reading_gives_a_blank_key_to_its_complaint() -> None:
    keys = InMemoryKeys()
    blank = new_key()
    await keys.bind(blank, "*")  # so that the keys know it
    keys._by_id[blank.id] = blank
    data = Cipher("C-1", blank).encrypt("a/1", TEXT)
    assert await decrypt(keys, "C-1", "a/1", data) == TEXT
    assert (await keys.for_subject("C-1")).id == blank.id
