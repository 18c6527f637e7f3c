"""An operator lists, rotates and rewraps data keys; running processes go on meanwhile."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.connections import open_key_store
from complaints.encryption.data_keys import KeyDestroyedError
from complaints.encryption.key_ring import open_key_ring
from complaints.procedure.views.views import transition_since
from complaints.records.tables.retention import tombstones
from complaints.records.transitions import write_transition
from complaints.runtime.service import StartupError
from complaints.settings import Settings
from tests.encryption.conftest import keys_url, migrated_keys_url, server_url, settings, write_key
from tests.fixtures.empty_record import engine, migrated_url, url
from tests.records.sample_complaints import opened
from worker import data_keys
from worker.data_keys import list_keys, reconcile_keys, rewrap_keys, rotate_keys, unknown_subjects

__all__ = ["engine", "keys_url", "migrated_keys_url", "migrated_url", "server_url", "settings", "url"]

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def test_rewrapping_moves_all_keys_to_the_first_key_encryption_key_while_a_ring_works(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_keys, "BATCH_SIZE", 2)
    [old], new, printed = settings.key_encryption_keys, write_key(tmp_path / "new"), list[str]()
    async with open_key_ring(settings) as keys:
        made = [await keys.for_subject(f"C-{number}") for number in range(5)]
        both = settings.model_copy(update={"key_encryption_keys": (new, old)})
        async with open_key_store(both) as (store, wrapping):
            assert await rewrap_keys(store, wrapping, printed.append)
            assert [counts.keys for counts in await store.count()] == [5]
            assert await rewrap_keys(store, wrapping, printed.append), "a repeat finds nothing to do"
        assert await keys.for_subject("C-1") == made[1]
    assert printed[0].startswith("Wrapped 2 so far, up to k_")
    assert printed[3].startswith("Wrapped 5 data keys with file:")
    assert printed[4].startswith("Wrapped 0 data keys with file:")
    async with open_key_ring(settings.model_copy(update={"key_encryption_keys": (new,)})) as keys:
        assert [await keys.by_id(key.id, key.subject) for key in made] == made
    with pytest.raises(StartupError, match="which has wrapped 5 data keys, is missing; add it to the list"):
        async with open_key_ring(settings):
            pass


async def test_keys_that_cannot_be_unwrapped_remain_and_are_named(settings: Settings, tmp_path: Path) -> None:
    async with open_key_ring(settings) as keys:
        await keys.for_subject("C-1")
    without_old = settings.model_copy(update={"key_encryption_keys": (write_key(tmp_path / "new"),)})
    printed: list[str] = []
    async with open_key_store(without_old) as (store, wrapping):
        assert not await rewrap_keys(store, wrapping, printed.append)
    assert printed[1].endswith("1 key of others remain.")
    assert printed[2].endswith("which has wrapped 1 data key, is missing; add it to the list")


async def test_rotating_gives_each_subject_a_new_key_and_leaves_out_destroyed_ones(settings: Settings) -> None:
    printed: list[str] = []
    async with open_key_ring(settings) as keys:
        old = {subject: await keys.for_subject(subject) for subject in ("C-1", "C-2", "*")}
        assert keys.subjects() == set(old)
        assert unknown_subjects(keys, ["C-1", "C-9"]) == ["C-9"]
        async with open_key_ring(settings) as others:
            await others.destroy("C-2", "worker", "erased", NOW)
        assert await rotate_keys(keys, sorted(old), printed.append) == 2
        for subject in ("C-1", "*"):
            new = await keys.for_subject(subject)
            assert new.id != old[subject].id
            assert await keys.by_id(old[subject].id, subject) == old[subject]
    assert printed[0] == "C-2: its keys are destroyed; it gets none"
    assert printed[1].startswith("Rotated 2 subjects: new payloads use the new keys")


async def test_the_list_names_complaints_without_a_key_and_erased_ones_that_have_one(
    settings: Settings, engine: AsyncEngine
) -> None:
    printed: list[str] = []
    for reference in ("A-1", "A-2", "A-3"):
        await write_transition(engine, transition_since(opened(reference), 0))
    async with open_key_store(settings) as (store, wrapping), open_key_ring(settings, blank_keys=3) as keys:
        for reference in ("A-1", "A-3"):
            await keys.for_subject(reference)
        async with engine.begin() as connection:
            erased = {"kind": "erased", "asked_at": NOW, "by": "m.lee", "why": "asked", "done_at": NOW}
            await connection.execute(tombstones.insert(), {"reference": "A-3", **erased})
        assert not await list_keys(store, wrapping, keys, engine, printed.append)
        assert printed[1:] == [
            "Destroyed: the keys of 0 complaints.",
            "A-2: on the record, but without a data key; restore the key store (docs/operations.md, Data keys)",
            "A-3: erased or anonymised, but there is a data key; run: python -m worker keys reconcile",
        ]
        printed.clear()
        await reconcile_keys(keys, engine, printed.append)
        assert printed == ["A-3: destroyed again", "The keys of 1 complaint were destroyed again."]
        with pytest.raises(KeyDestroyedError):
            await keys.for_subject("A-3")
        await keys.for_subject("A-2")
        assert await list_keys(store, wrapping, keys, engine, printed.append)
