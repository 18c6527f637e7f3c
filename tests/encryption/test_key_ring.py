"""The key ring of production, on PostgreSQL: two processes, and a store that is away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from complaints.encryption.data_keys import DataKey, KeyDestroyedError, KeysUnreachableError, new_key
from complaints.encryption.key_ring import StoredKeys, open_key_ring
from complaints.encryption.subjects import SERVICES
from complaints.runtime.clock import now
from complaints.runtime.service import StartupError
from complaints.settings import Settings
from tests.encryption.conftest import write_key
from tests.fixtures.tcp_proxy import TcpProxy

NOW = datetime(2026, 3, 2, tzinfo=UTC)
UNKNOWN = "k_0123456789abcdef01234567"


async def wait_until(is_true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await is_true():
                return
            await asyncio.sleep(0.02)


async def fetch(keys_url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(keys_url.replace("+asyncpg", ""))
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def is_bound(settings: Settings, key: DataKey, subject: str) -> bool:
    rows = await fetch(settings.keys_url or "", "SELECT FROM data_keys WHERE id = $1 AND subject = $2", key.id, subject)
    return bool(rows)


async def test_a_subject_keeps_its_key_and_another_ring_has_the_same(settings: Settings) -> None:
    async with open_key_ring(settings) as keys, open_key_ring(settings) as others:
        key = await keys.for_subject("C-1")
        assert await keys.for_subject("C-1") == key
        assert await others.for_subject("C-1") == key
        assert await others.by_id(key.id, "C-1") == key
        assert (await keys.for_subject(SERVICES)).id != key.id
    async with open_key_ring(settings) as keys:
        assert await keys.by_id(key.id, None) == key


async def test_the_store_holds_no_secret(settings: Settings) -> None:
    async with open_key_ring(settings) as keys:
        key = await keys.for_subject("C-1")
    [row] = await fetch(settings.keys_url or "", "SELECT * FROM data_keys")
    assert (row["id"], row["subject"]) == (key.id, "C-1")
    assert key.secret not in row["wrapped"]


async def test_an_unknown_key_is_none(settings: Settings) -> None:
    async with open_key_ring(settings) as keys:
        for key_id in (UNKNOWN, "", "k_", "'; DROP TABLE data_keys"):
            assert await keys.by_id(key_id, "C-1") is None


@pytest.mark.parametrize("fault", [TcpProxy.refuse, TcpProxy.stall])
async def test_while_the_store_is_away_known_keys_work_and_new_subjects_take_blank_ones(
    settings: Settings, tcp_proxy: TcpProxy, fault: Callable[[TcpProxy], None]
) -> None:
    behind_proxy = settings.model_copy(update={"keys_url": tcp_proxy.url})
    async with open_key_ring(behind_proxy, blank_keys=3) as keys:
        known = await keys.for_subject("C-1")
        fault(tcp_proxy)
        assert await keys.for_subject("C-1") == known
        assert await keys.by_id(known.id, "C-1") == known
        new = [await keys.for_subject(subject) for subject in ("C-2", "C-3")]
        assert len({key.id for key in new}) == 2
        with pytest.raises(KeysUnreachableError):
            await keys.for_subject("C-4")
        with pytest.raises(KeysUnreachableError):
            await keys.by_id(UNKNOWN, "C-5")
        assert not await is_bound(settings, new[0], "C-2")
        tcp_proxy.restore()
        await wait_until(lambda: is_bound(settings, new[0], "C-2"))
        await wait_until(lambda: is_bound(settings, new[1], "C-3"))
        await wait_until(lambda: has_key(keys, "C-4"))


async def test_when_it_last_read_the_store_does_not_move_while_the_store_is_away(
    settings: Settings, tcp_proxy: TcpProxy, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_key_ring(settings.model_copy(update={"keys_url": tcp_proxy.url})) as keys:
        tcp_proxy.refuse()
        cut_off = now()
        await wait_until(lambda: is_logged(caplog, "the key store is unavailable"))
        assert keys.read_at is not None
        assert keys.read_at <= cut_off
        tcp_proxy.restore()
        await wait_until(lambda: is_read_since(keys, cut_off))


async def is_logged(caplog: pytest.LogCaptureFixture, message: str) -> bool:
    return message in caplog.messages


async def is_read_since(keys: StoredKeys, at: datetime) -> bool:
    return keys.read_at is not None and keys.read_at > at


async def has_key(keys: StoredKeys, subject: str) -> bool:
    try:
        return bool(await keys.for_subject(subject))
    except KeysUnreachableError:
        return False


async def test_a_key_whose_taker_was_killed_is_bound_by_the_ring_that_decrypts_with_it(
    settings: Settings, tcp_proxy: TcpProxy
) -> None:
    behind_proxy = settings.model_copy(update={"keys_url": tcp_proxy.url})
    async with open_key_ring(behind_proxy, blank_keys=2) as killed:
        tcp_proxy.refuse()
        used = await killed.for_subject("C-1")
        async with open_key_ring(settings) as reader:
            blank = await reader.by_id(used.id, "C-1")
            assert blank == DataKey(used.id, None, used.secret)
            assert await reader.bind(blank, "C-1") == used
            assert await reader.for_subject("C-1") == used
            await wait_until(lambda: is_bound(settings, used, "C-1"))
            assert await reader.bind(blank, "C-2") == used, "it belongs to C-1"


async def test_a_ring_that_ends_binds_its_keys_and_leaves_no_blank_one(settings: Settings) -> None:
    async with open_key_ring(settings, blank_keys=4) as keys:
        key = await keys.for_subject("C-1")
    rows = await fetch(settings.keys_url or "", "SELECT id, subject FROM data_keys")
    assert [tuple(row) for row in rows] == [(key.id, "C-1")]


async def test_a_destroyed_subject_is_refused_at_once_here_and_soon_everywhere(settings: Settings) -> None:
    async with open_key_ring(settings, blank_keys=2) as keys, open_key_ring(settings) as others:
        first = await keys.for_subject("C-1")
        second = await keys.rotate("C-1")
        kept = await keys.for_subject("C-2")
        assert await others.by_id(second.id, "C-1") == second
        await keys.destroy("C-1", "worker", "erased", NOW)
        await keys.destroy("C-1", "worker", "erased again", NOW)
        await assert_refused(keys, first, second)

        async def is_refused() -> bool:
            try:
                return not await others.for_subject("C-1")
            except KeyDestroyedError:
                return True

        await wait_until(is_refused)
        await assert_refused(others, first, second)
        for ring in (keys, others):
            assert await ring.by_id(first.id, "C-2") is None, "a spliced payload is foreign, and wedges nothing"
        assert await others.for_subject("C-2") == kept
    async with open_key_ring(settings, blank_keys=1) as keys:
        await assert_refused(keys, first, second)
    [row] = await fetch(settings.keys_url or "", "SELECT * FROM destroyed_keys")
    assert (row["subject"], set(row["ids"])) == ("C-1", {first.id, second.id})
    assert (row["at"], row["by"], row["why"]) == (NOW, "worker", "erased")
    assert not await fetch(settings.keys_url or "", "SELECT FROM data_keys WHERE subject = 'C-1'")


async def assert_refused(keys: StoredKeys, *destroyed: DataKey) -> None:
    with pytest.raises(KeyDestroyedError):
        await keys.for_subject("C-1")
    with pytest.raises(KeyDestroyedError):
        await keys.rotate("C-1")
    with pytest.raises(KeyDestroyedError):
        await keys.bind(new_key(), "C-1")
    for key in destroyed:
        for subject in ("C-1", None):
            with pytest.raises(KeyDestroyedError):
                await keys.by_id(key.id, subject)


async def test_a_key_that_was_taken_while_the_store_was_away_does_not_outlive_its_destroyed_subject(
    settings: Settings, tcp_proxy: TcpProxy
) -> None:
    behind_proxy = settings.model_copy(update={"keys_url": tcp_proxy.url})
    async with open_key_ring(behind_proxy, blank_keys=2) as away, open_key_ring(settings) as keys:
        tcp_proxy.refuse()
        taken = await away.for_subject("C-1")
        await keys.destroy("C-1", "worker", "erased", NOW)
        tcp_proxy.restore()

        async def is_destroyed() -> bool:
            try:
                return not await keys.by_id(taken.id, None)
            except KeyDestroyedError:
                return True

        await wait_until(is_destroyed)
        assert not await fetch(settings.keys_url or "", "SELECT FROM data_keys WHERE id = $1", taken.id)


async def test_the_services_own_keys_cannot_be_destroyed(settings: Settings) -> None:
    async with open_key_ring(settings) as keys:
        with pytest.raises(ValueError, match="cannot be destroyed"):
            await keys.destroy(SERVICES, "worker", "by mistake", NOW)


async def test_after_a_rotation_the_new_key_encrypts_and_the_old_one_still_decrypts(settings: Settings) -> None:
    async with open_key_ring(settings) as keys, open_key_ring(settings) as others:
        old = await keys.for_subject("C-1")
        assert await others.for_subject("C-1") == old
        new = await keys.rotate("C-1")
        assert await keys.for_subject("C-1") == new

        async def has_new() -> bool:
            return await others.for_subject("C-1") == new

        await wait_until(has_new)
        assert await others.by_id(old.id, "C-1") == old


async def test_a_ring_says_which_key_encryption_key_is_missing(settings: Settings, tmp_path: Path) -> None:
    async with open_key_ring(settings) as keys:
        key = await keys.for_subject("C-1")
    [row] = await fetch(settings.keys_url or "", "SELECT wrapped_by FROM data_keys")
    another = settings.model_copy(update={"key_encryption_keys": (write_key(tmp_path / "another"),)})
    with pytest.raises(StartupError) as raised:
        async with open_key_ring(another):
            pass
    assert str(raised.value) == (
        f"COMPLAINTS_KEY_ENCRYPTION_KEYS: {row['wrapped_by']}, which has wrapped 1 data key, is missing; "
        "add it to the list"
    )
    async with open_key_ring(another, with_unusable=True) as keys:
        assert await keys.by_id(key.id, "C-2") is None, "it is not that subject's"
        with pytest.raises(KeysUnreachableError, match="is missing; add it to the list"):
            await keys.by_id(key.id, "C-1")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"keys_url": None}, "COMPLAINTS_KEYS_URL: not set; give postgresql+asyncpg://user:password@host/database"),
        ({"keys_url": "here"}, "COMPLAINTS_KEYS_URL: the database URL is malformed; give postgresql+asyncpg://…"),
        ({"keys_url": "postgresql://u:secret@127.0.0.1:1/d"}, "key store: PostgreSQL is unavailable: "),
        ({"key_encryption_keys": ()}, "COMPLAINTS_KEY_ENCRYPTION_KEYS: not set; give file:/PATH, "),
    ],
)
async def test_a_ring_that_cannot_be_opened_says_why(
    settings: Settings, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(StartupError) as raised:
        async with open_key_ring(settings.model_copy(update=changes)):
            pass
    assert str(raised.value).startswith(problem)
    assert "secret" not in str(raised.value)


async def test_a_database_without_the_tables_is_named_with_the_command_that_makes_them(
    settings: Settings, server_url: str
) -> None:
    with pytest.raises(StartupError) as raised:
        async with open_key_ring(settings.model_copy(update={"keys_url": server_url})):
            pass
    assert str(raised.value) == "key store: no tables; run: python -m complaints.encryption.migrate"
