"""PostgreSQL's data folder is a copy of a template, which is made once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from local.ephemeral_stack import ephemeral_postgres
from local.servers import postgres
from local.servers.owner import owner_url
from local.servers.postgres import _template_name, binaries_for, data_template
from local.supervisor.accounts import private_folder, remove_folder, unprivileged
from local.supervisor.processes import wait_until

MAKE_IT = """
import sys
from pathlib import Path
from local.servers import postgres
postgres._templates = lambda *_: Path(sys.argv[1])
postgres.data_template(Path(), Path(sys.argv[2]), postgres.unprivileged())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield an empty folder of templates that PostgreSQL's account can reach."""
    (parent := tmp_path / "stack").mkdir()
    found = private_folder(parent / "templates", unprivileged())
    monkeypatch.setattr(postgres, "_templates", lambda *_: found)
    yield found
    remove_folder(parent)


def make_template() -> Path:
    account = unprivileged()
    return data_template(Path(), binaries_for(account), account)


def others(folder: Path, template: Path) -> list[str]:
    """Return the names of what is in `folder` besides the template and its lock."""
    return sorted(path.name for path in folder.iterdir() if path.name not in (template.name, f"{template.name}.lock"))


def test_two_who_need_the_template_at_once_share_one(folder: Path) -> None:
    with ThreadPoolExecutor() as pool:
        [one, other] = pool.map(lambda _: make_template(), range(2))
    assert one == other
    assert others(folder, one) == []
    assert one.stat().st_mode & 0o077 == 0


def test_a_template_whose_maker_was_killed_is_made_again(folder: Path) -> None:
    account = unprivileged()
    maker = subprocess.Popen([sys.executable, "-c", MAKE_IT, str(folder), str(binaries_for(account))])  # noqa: S603
    assert wait_until(lambda: any(folder.glob("*.new/data/base")), patience=60)
    os.kill(maker.pid, signal.SIGKILL)
    maker.wait()
    assert len(list(folder.glob("*.new"))) == 1
    template = make_template()
    assert (template / "PG_VERSION").exists()
    assert others(folder, template) == []


def test_another_version_of_postgresql_has_another_template(monkeypatch: pytest.MonkeyPatch) -> None:
    account = unprivileged()
    before = _template_name(account)
    assert _template_name(account) == before
    monkeypatch.setattr(postgres, "version", lambda _: "99.0")
    assert _template_name(account) != before


async def test_each_server_has_passwords_of_its_own() -> None:
    with ephemeral_postgres() as one, ephemeral_postgres() as other:
        ours, theirs = make_url(one), make_url(other)
        for url in (one, owner_url(one)):
            connection = await asyncpg.connect(url.replace("+asyncpg", ""))
            await connection.close()
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(url.replace("+asyncpg", ""), password=theirs.password)
        assert ours.password != theirs.password
