"""The tables of the key store, what its service role may do, and the settings that name it."""

from pathlib import Path

import asyncpg
import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from complaints.encryption.migrate import main
from complaints.postgresql.address import parse_address
from complaints.settings import Settings, settings_errors
from local.servers.owner import owner_url
from local.servers.postgres import KEYS
from tests.fixtures.empty_record import empty_url

__all__ = ["empty_url"]


async def test_the_service_role_can_neither_forget_what_was_destroyed_nor_change_when(keys_url: str) -> None:
    connection = await asyncpg.connect(keys_url.replace("+asyncpg", ""))
    for statement in (
        "DELETE FROM destroyed_keys",
        "UPDATE destroyed_keys SET at = now()",
        "TRUNCATE data_keys",
        "UPDATE key_store_version SET version = 2",
        "CREATE TABLE another (id text)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


def test_the_migration_creates_the_tables_and_a_repeat_changes_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLAINTS_KEYS_URL", owner_url(empty_url))
    monkeypatch.setenv("COMPLAINTS_SERVICE_ROLE", KEYS)
    for _ in range(2):
        assert main() == 0
        assert capsys.readouterr().out == "The key store is at version 1.\n"


@pytest.mark.parametrize(
    ("changes", "exit_code", "problem"),
    [
        ({"COMPLAINTS_KEYS_URL": ""}, 2, "COMPLAINTS_KEYS_URL: not set; give postgresql+asyncpg://…"),
        ({"COMPLAINTS_KEYS_URL": "here"}, 2, "COMPLAINTS_KEYS_URL: the database URL is malformed; "),
        ({"COMPLAINTS_SERVICE_ROLE": "nobody_here"}, 1, "key store: COMPLAINTS_SERVICE_ROLE: PostgreSQL has no role "),
    ],
)
def test_a_migration_that_cannot_run_says_why(
    empty_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    exit_code: int,
    problem: str,
) -> None:
    for name, value in ({"COMPLAINTS_KEYS_URL": owner_url(empty_url)} | changes).items():
        monkeypatch.setenv(name, value)
    assert main() == exit_code
    assert capsys.readouterr().err.startswith(problem)


def test_the_password_of_the_key_store_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    given = {"COMPLAINTS_KEYS_URL": "postgresql://u@h/d", "COMPLAINTS_KEYS_PASSWORD_FILE": str(file)}
    address = parse_address(Settings.read(given).keys_url or "")
    assert address.driver_arguments["password"]() == "secret"
    assert address.url == make_url("postgresql+asyncpg://u@h/d")


@pytest.mark.parametrize("name", ["", "key", "file:key", "aws-kms:alias/key", "vault:vault.example.org/key"])
def test_a_name_of_no_key_encryption_key_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings.read({"COMPLAINTS_KEY_ENCRYPTION_KEYS": f"file:/key,{name}"})
    [line] = settings_errors(raised.value)
    assert line.startswith("COMPLAINTS_KEY_ENCRYPTION_KEYS")
    assert "give file:/PATH, vault:https://HOST/MOUNT/KEY?token_file=/PATH or aws-kms:ARN, separated by commas" in line
