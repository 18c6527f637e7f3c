"""Signing in with the script, and what a command sends to the service."""

import asyncio
import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import keyring
import pytest
from keyring.backend import KeyringBackend
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.shared.api import Api, ServiceError
from admin.shared.login_name import login_name
from admin.sign_in.store import SessionStore, StoredSession
from complaints.runtime.clock import now
from tests.admin.cli_runner import TAKES_EFFECT_WITHIN, CliRunner
from tests.starter.api.service import Service, serving


class MemoryKeyring(KeyringBackend):
    """A keyring that works, in memory."""

    priority = 5.0
    viable = False  # only where a test sets it

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.secrets[service, username]


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def session_file(cli: CliRunner) -> Path:
    [file] = (cli.folder / "config" / "complaints").glob("session-*.json")
    return file


def let_expire(cli: CliRunner) -> None:
    """Make the access token of the session as good as expired."""
    file = session_file(cli)
    values = json.loads(file.read_text()) | {"expires_at": (now() + timedelta(seconds=10)).isoformat()}
    file.write_text(json.dumps(values))


async def test_as_signs_in_for_one_command(cli: CliRunner) -> None:
    assert (await cli.run("whoami", "--as", "Lead.Manager", "--json")).json["id"] == "lead.manager"
    assert (await cli.run("whoami", "--json")).json["id"] == login_name()


async def test_a_login_is_kept_until_the_logout(cli: CliRunner) -> None:
    assert (await cli.run("login", "m.hughes")).out == "Signed in as m.hughes (m.hughes).\n"
    file = session_file(cli)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (await cli.run("whoami")).out.splitlines() == ["m.hughes (m.hughes)", "acts as: manager"]
    token = (await cli.run("token")).out.strip()
    assert (await cli.run("logout")).out == "Signed out.\n"
    assert not file.exists()
    with Api() as api:
        api.use_token(token)
        with pytest.raises(ServiceError, match="signed out"):
            await asyncio.to_thread(api.get, "/whoami")
    assert (await cli.run("logout")).out == "Nobody is signed in.\n"


async def test_somebody_who_is_not_in_the_directory_does_not_stay_signed_in(cli: CliRunner) -> None:
    result = await cli("login", "nobody.here")
    assert result.code == 3
    assert "(unknown_staff)" in result.err
    assert (await cli.run("logout")).out == "Nobody is signed in.\n"


async def test_processes_that_refresh_at_the_same_time_keep_the_session(cli: CliRunner) -> None:
    await cli.run("login", "m.hughes")
    let_expire(cli)
    tokens = await asyncio.gather(*(asyncio.to_thread(lambda: Api().token()) for _ in range(4)))
    assert len(set(tokens)) == 1
    let_expire(cli)
    assert (await cli.run("whoami", "--json")).json["id"] == "m.hughes"
    assert (await cli.run("token")).out.strip() != tokens[0]


async def test_a_session_that_cannot_be_refreshed_has_ended(cli: CliRunner) -> None:
    await cli.run("login", "m.hughes")
    file = session_file(cli)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"refresh_token": "revoked"}))
    let_expire(cli)
    result = await cli("whoami")
    assert (result.code, result.errors) == (
        3,
        ["Your sign-in has ended. (not_signed_in)", "Sign in with: complaints login"],
    )


def test_the_refresh_token_is_kept_in_the_keyring(tmp_path: Path, memory_keyring: MemoryKeyring) -> None:
    store = SessionStore(tmp_path, "https://complaints.example.org")
    session = StoredSession(
        issuer="https://login.example.org",
        client_id="script",
        audience="complaints",
        scope="openid",
        access_token="access",  # noqa: S106
        refresh_token="refresh",  # noqa: S106
        expires_at=now().isoformat(),
    )
    store.write(session)
    assert [*memory_keyring.secrets.values()] == ["refresh"]
    [file] = (tmp_path / "complaints").glob("session-*.json")
    assert "refresh" not in json.loads(file.read_text()).values()
    assert store.read(with_refresh_token=True) == session
    store.delete()
    assert (store.read(), memory_keyring.secrets) == (None, {})


async def test_a_browser_signs_in_by_the_code_that_the_script_prints(cli: CliRunner, service: Service) -> None:
    signing_in = asyncio.create_task(cli("login"))
    async with asyncio.timeout(TAKES_EFFECT_WITHIN):
        while True:
            if printed := cli.capsys.readouterr().err:
                break
            await asyncio.sleep(0.02)
    code = printed.split("code ")[1].split()[0]
    async with httpx2.AsyncClient() as browser:
        await browser.post(f"{service.issuer.url}/device", data={"user_code": code, "staff": "t.lund"})
    assert (await signing_in).out == "Signed in as t.lund (t.lund).\n"


async def test_only_the_local_stack_signs_in_by_a_staff_id(
    cli: CliRunner, client: Client, engine: AsyncEngine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"local": False, "oidc_issuer": "https://login.example.org"}
    async with serving(client, engine, service.key, **elsewhere) as remote:  # type: ignore[arg-type]
        monkeypatch.setenv("COMPLAINTS_URL", remote.url)
        refused = [await cli(*arguments) for arguments in (("whoami", "--as", "m.hughes"), ("login", "m.hughes"))]
        nobody = await cli("whoami")
    assert [(each.code, "only the local stack" in each.err, "complaints login" in each.err) for each in refused] == [
        (2, True, True),
        (2, True, True),
    ]
    assert (nobody.code, nobody.errors[1]) == (3, "Sign in with: complaints login")


@pytest.mark.parametrize(
    ("url", "code", "line"),
    [
        ("", 4, "COMPLAINTS_URL is not set"),
        ("http://complaints.example.org", 2, "COMPLAINTS_URL: give an https address"),
        ("nonsense", 2, "COMPLAINTS_URL: give an https address"),
        ("http://127.0.0.1:9", 4, "the complaints service at http://127.0.0.1:9 does not answer"),
    ],
)
async def test_an_address_at_which_nobody_serves_is_named(
    cli_offline: CliRunner, monkeypatch: pytest.MonkeyPatch, url: str, code: int, line: str
) -> None:
    monkeypatch.setenv("COMPLAINTS_URL", url)
    result = await cli_offline("whoami")
    assert (result.code, result.errors[0].startswith(line)) == (code, True), result
