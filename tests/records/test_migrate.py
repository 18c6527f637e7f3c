"""The migrations create the tables of the code, idempotently and one at a time."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import migrate
from complaints.records.database import make_engine
from complaints.records.migrate import main, upgrade
from complaints.records.migrations.revisions import alembic_config, read_revision, schema_problem
from complaints.records.tables import metadata
from local.servers.owner import owner_url

CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2
"""


NO_TABLES = "database schema: no tables; run: python -m complaints.records.migrate"


@pytest.fixture
def owner_of_empty(empty_url: str) -> str:
    return owner_url(empty_url)


async def made(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for query in (CONSTRAINTS, INDEXES) for row in await connection.execute(text(query))]


async def run_alembic(engine: AsyncEngine, run: Callable[[Connection], Any]) -> Any:
    async with engine.begin() as connection:
        return await connection.run_sync(run)


async def test_the_migrations_create_the_tables_of_the_code(owner_engine: AsyncEngine, owner_of_empty: str) -> None:
    differences = await run_alembic(
        owner_engine,
        lambda connection: compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True}),
            metadata,
        ),
    )
    assert differences == []
    by_code = make_engine(owner_of_empty)
    await run_alembic(by_code, metadata.create_all)
    assert await made(owner_engine) == await made(by_code)
    await by_code.dispose()


async def test_down_to_nothing_and_up_again(owner_of_empty: str) -> None:
    engine = make_engine(owner_of_empty)
    await asyncio.to_thread(upgrade, owner_of_empty)
    tables = await made(engine)
    await run_alembic(engine, lambda connection: command.downgrade(alembic_config(connection), "base"))
    assert await made(engine) == []
    assert await schema_problem(engine) == NO_TABLES
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_change'")) == 0
    await asyncio.to_thread(upgrade, owner_of_empty)
    assert await made(engine) == tables
    assert await schema_problem(engine) is None
    await engine.dispose()


async def test_many_upgrades_at_once_take_turns(owner_of_empty: str) -> None:
    engine = make_engine(owner_of_empty)
    assert await read_revision(engine) == (None, None)
    assert await schema_problem(engine) == NO_TABLES
    await asyncio.gather(*(asyncio.to_thread(upgrade, owner_of_empty) for _ in range(4)))
    assert await schema_problem(engine) is None
    await engine.dispose()


async def test_the_program_is_idempotent(owner_of_empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", owner_of_empty)
    assert [await asyncio.to_thread(main) for _ in range(2)] == [0, 0]


def test_the_program_waits_then_says_that_postgresql_is_unavailable(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", f"postgresql+asyncpg://u:secret@127.0.0.1:{unused_tcp_port}/d")
    monkeypatch.setattr(migrate, "STARTUP_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(migrate, "RETRY_INTERVAL_SECONDS", 0.1)
    assert main() == migrate.EXIT_UNREACHABLE == 4
    said = capsys.readouterr().err
    assert said.startswith("PostgreSQL is unavailable: ")
    assert said.count("\n") == 1
    assert "secret" not in said
