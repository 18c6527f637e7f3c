"""Data keys are wrapped by Vault's transit engine, over HTTP."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaints.encryption.data_keys import KeysUnreachableError, new_key
from complaints.encryption.key_wrapping import open_wrapping
from complaints.encryption.wrapping_errors import CannotUnwrapError, KeySettingError
from tests.encryption.vault_server import TOKEN, VaultServer, vault_server


@pytest.fixture
def vault() -> Iterator[VaultServer]:
    with vault_server() as vault:
        yield vault


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


@pytest.fixture
def name(vault: VaultServer, token_file: Path) -> str:
    return f"vault:{vault.url}/transit/complaints?token_file={token_file}"


async def test_vault_wraps_a_key_for_its_id_only(name: str) -> None:
    key = new_key()
    async with open_wrapping([name]) as wrapping:
        [wrapped] = await wrapping.wrap({key.id: key.secret})
        assert wrapped.wrapped_by == "vault:transit/complaints:v1"
        assert wrapped.wrapped.startswith(b"vault:v1:")
        assert await wrapping.unwrap_one(wrapped) == key.secret
        with pytest.raises(CannotUnwrapError):
            await wrapping.unwrap_one(wrapped._replace(id=new_key().id))


async def test_a_key_of_an_older_version_is_unwrapped(vault: VaultServer, name: str) -> None:
    key = new_key()
    async with open_wrapping([name]) as wrapping:
        [first] = await wrapping.wrap({key.id: key.secret})
        vault.rotate()
        [second] = await wrapping.wrap({key.id: key.secret})
        assert second.wrapped_by == "vault:transit/complaints:v2"
        for wrapped in (first, second):
            assert await wrapping.unwrap_one(wrapped) == key.secret


async def test_many_keys_go_in_few_requests_and_a_changed_one_harms_no_other(vault: VaultServer, name: str) -> None:
    keys = {key.id: key.secret for key in (new_key() for _ in range(600))}
    async with open_wrapping([name]) as wrapping:
        wrapped = await wrapping.wrap(keys)
        assert vault.batches == [250, 250, 100]
        first, *others = wrapped
        unwrapped = await wrapping.unwrap([first._replace(wrapped=others[0].wrapped), *others])
        assert unwrapped == {key_id: secret for key_id, secret in keys.items() if key_id != first.id}


async def test_while_vault_is_away_or_refuses_the_token_keys_are_out_of_reach(
    vault: VaultServer, name: str, token_file: Path
) -> None:
    key = new_key()
    async with open_wrapping([name]) as wrapping:
        [wrapped] = await wrapping.wrap({key.id: key.secret})
        vault.is_away = True
        with pytest.raises(KeysUnreachableError, match=r"refused it \(503\)"):
            await wrapping.unwrap_one(wrapped)
        vault.is_away = False
        await asyncio.to_thread(token_file.write_text, "another")
        with pytest.raises(KeysUnreachableError, match=r"refused it \(403\)"):
            await wrapping.unwrap_one(wrapped)
        await asyncio.to_thread(token_file.write_text, TOKEN)
        assert await wrapping.unwrap_one(wrapped) == key.secret


async def test_a_vault_that_does_not_listen_is_out_of_reach(token_file: Path, unused_tcp_port: int) -> None:
    name = f"vault:http://127.0.0.1:{unused_tcp_port}/transit/complaints?token_file={token_file}"
    async with open_wrapping([name]) as wrapping:
        with pytest.raises(KeysUnreachableError, match="cannot be reached"):
            await wrapping.wrap({new_key().id: new_key().secret})


async def test_a_token_file_that_cannot_be_read_is_refused_at_the_start(vault: VaultServer) -> None:
    with pytest.raises(KeySettingError, match="the token file /nowhere cannot be read"):
        async with open_wrapping([f"vault:{vault.url}/transit/complaints?token_file=/nowhere"]):
            pass
