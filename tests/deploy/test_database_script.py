"""The script that creates the databases of one host works on a server."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import yaml
from sqlalchemy import URL, make_url, text

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.procedure.views.views import transition_since
from complaints.records.database import make_engine
from complaints.records.migrate import list_missing_grants, upgrade
from complaints.records.transitions import write_transition
from local.ephemeral_stack import ephemeral_postgres
from local.servers.owner import owner_url
from local.servers.postgres import binaries_for
from local.supervisor.accounts import unprivileged
from tests.deploy.test_compose import run
from tests.records.sample_complaints import opened

CLUSTERS = [
    Path(__file__).parents[2] / "deploy" / "kubernetes" / "postgresql" / f"{name}.yaml"
    for name in ("record", "key-store")
]
PASSWORDS = {
    "temporal": "t'1",
    "complaints_owner": "o'1",
    "complaints": "s'1",
    "complaints_keys_owner": "k'1",
    "complaints_keys": "k'2",
}


@pytest.fixture(scope="module")
def database_server() -> Iterator[URL]:
    """Start a server as the image does: without the databases and roles of the script."""
    with ephemeral_postgres() as address:
        yield make_url(owner_url(address))


@pytest.fixture
async def administrator(database_server: URL) -> AsyncIterator[asyncpg.Connection]:
    """Connect to a server without what the script creates, also after another test."""
    connection = await connect_as(database_server, "postgres", str(database_server.password), "postgres")
    for database in ("complaints", "complaints_keys", "temporal", "temporal_visibility"):
        await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for role in ("complaints", "complaints_owner", "complaints_keys", "complaints_keys_owner", "temporal"):
        await connection.execute(f"DROP ROLE IF EXISTS {role}")
    yield connection
    await connection.close()


async def connect_as(server: URL, user: str, password: str, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=server.host, port=server.port, user=user, password=password, database=database, timeout=10
    )


def create_databases(server: URL, folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    passwords = {"owner": "o'1", "service": "s'1\n", "keys-owner": "k'1", "keys": "k'2"}
    for name, password in passwords.items():
        (folder / name).write_text(password)
    env = {
        "PATH": f"{binaries_for(unprivileged())}:{os.environ['PATH']}",
        "PGHOST": str(server.host),
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
        "PGPASSWORD": str(server.password),
        "TEMPORAL_DATABASE_PASSWORD": "t'1",
        "OWNER_PASSWORD_FILE": str(folder / "owner"),
        "SERVICE_PASSWORD_FILE": str(folder / "service"),
        "KEYS_OWNER_PASSWORD_FILE": str(folder / "keys-owner"),
        "KEYS_PASSWORD_FILE": str(folder / "keys"),
    }
    return run("deploy/postgres/create-databases.sh", env=env | changed)


async def test_the_database_script_creates_databases_that_only_their_roles_enter(
    database_server: URL, administrator: asyncpg.Connection, tmp_path: Path
) -> None:
    result = create_databases(database_server, tmp_path)
    assert result.returncode == 0, result.stderr
    await assert_each_role_enters_its_own(database_server)


async def test_the_clusters_of_kubernetes_have_the_same_databases_and_roles(
    database_server: URL, administrator: asyncpg.Connection
) -> None:
    for cluster in CLUSTERS:
        spec = yaml.safe_load(cluster.read_text("utf-8"))["spec"]
        first, roles = spec["bootstrap"]["initdb"], [role["name"] for role in spec["managed"]["roles"]]
        # In the operator's order: its owner, the statements, its database, and the statements within it.
        await administrator.execute(f"CREATE ROLE {first['owner']} LOGIN")
        for statement in first["postInitSQL"]:
            await administrator.execute(statement)
        await administrator.execute(f"CREATE DATABASE {first['database']} OWNER {first['owner']}")
        for statement in first["postInitApplicationSQL"]:
            await administrator.execute(statement)
        for role in (first["owner"], *roles):
            await administrator.execute(f"ALTER ROLE {role} PASSWORD '{PASSWORDS[role].replace(chr(39), chr(39) * 2)}'")
    await assert_each_role_enters_its_own(database_server)


async def assert_each_role_enters_its_own(server: URL) -> None:
    databases = {
        "temporal": ("temporal_visibility", "complaints"),
        "complaints_owner": ("complaints", "complaints_keys"),
        "complaints": ("complaints", "complaints_keys"),
        "complaints_keys_owner": ("complaints_keys", "complaints"),
        "complaints_keys": ("complaints_keys", "complaints"),
    }
    for user, (own, other) in databases.items():
        connection = await connect_as(server, user, PASSWORDS[user], own)
        if user in ("complaints", "complaints_keys"):
            assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "15s"
        await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connect_as(server, user, PASSWORDS[user], other)


async def test_the_owner_migrates_and_the_service_role_records(
    database_server: URL, administrator: asyncpg.Connection, tmp_path: Path
) -> None:
    assert create_databases(database_server, tmp_path).returncode == 0
    address = f"@{database_server.host}:{database_server.port}/complaints?password_file={tmp_path}"
    owner, service = (f"postgresql://complaints{role}{address}" for role in ("_owner", ""))
    await asyncio.to_thread(upgrade, f"{owner}/owner", service_role="complaints")
    engine = make_engine(f"{service}/service", keys=InMemoryKeys())
    await write_transition(engine, transition_since(opened(), 0))
    assert await list_missing_grants(engine) == []
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "15s"
    await engine.dispose()


async def test_a_repeat_completes_what_failed_half_way_and_changes_passwords(
    database_server: URL, administrator: asyncpg.Connection, tmp_path: Path
) -> None:
    await administrator.execute("CREATE ROLE temporal LOGIN PASSWORD 'old'")
    await administrator.execute("CREATE DATABASE temporal OWNER temporal")
    for password in ("new", "newer"):
        result = create_databases(database_server, tmp_path, TEMPORAL_DATABASE_PASSWORD=password)
        assert result.returncode == 0, result.stderr
        for database in ("temporal", "temporal_visibility"):
            await (await connect_as(database_server, "temporal", password, database)).close()


async def test_the_database_script_says_what_to_do_when_it_cannot_log_in_or_lacks_a_password(
    database_server: URL, tmp_path: Path
) -> None:
    result = create_databases(database_server, tmp_path, PGPASSWORD="another")
    assert result.returncode == 1
    assert "If POSTGRES_PASSWORD was changed after the first start, set it in the server, too:" in result.stderr
    assert "docker-compose down --volumes" in result.stderr
    result = create_databases(database_server, tmp_path, OWNER_PASSWORD_FILE="/nowhere")  # noqa: S106 (a path)
    assert (result.returncode, result.stderr) == (
        1,
        "create-databases: the file /nowhere is missing or empty; run: sh deploy/make-secrets.sh\n",
    )
