"""The service role may do what `GRANTS` says and no more.

All tests of the record run under it, so its grants suffice.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.views.views import transition_since
from complaints.records.database import RecordError, make_engine
from complaints.records.migrate import upgrade
from complaints.records.tables import metadata
from complaints.records.tables.grants import APPEND, GRANTS, missing_grants
from complaints.records.transitions import write_transition
from local.servers.owner import owner_url, upgrade_as_owner
from local.servers.postgres import SERVICE
from tests.fixtures.empty_record import execute_as_owner
from tests.records.sample_complaints import opened

GRANTED = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = current_user"
APPEND_ONLY = sorted(table for table, privileges in GRANTS.items() if privileges == APPEND)


@pytest.fixture
async def empty_engine(empty_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(empty_url)
    yield engine
    await engine.dispose()


async def granted(engine: AsyncEngine) -> set[tuple[str, str]]:
    async with engine.connect() as connection:
        return {(row[0], row[1]) for row in await connection.execute(text(GRANTED))}


async def list_missing(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(missing_grants)


ALL = {(table, privilege) for table, privileges in GRANTS.items() for privilege in privileges}


def test_every_table_has_an_entry() -> None:
    assert set(GRANTS) == {*metadata.tables, "alembic_version"}, "say in GRANTS what the service role may do with it"


async def test_the_service_role_has_exactly_its_grants(engine: AsyncEngine) -> None:
    assert await granted(engine) == ALL
    assert await list_missing(engine) == []


def test_what_is_append_only_for_the_owner_is_so_for_the_service_role() -> None:
    assert {"events", "staff_changes", "calendar_amendments", "policies", "calendars"} <= set(APPEND_ONLY)


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_the_service_role_may_not_change_what_is_append_only(engine: AsyncEngine, table: str) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    of = metadata.tables[table]
    for change in (of.update().values({of.c[1]: of.c[1]}), of.delete(), text(f"TRUNCATE {table} CASCADE")):
        with pytest.raises(Exception, match="permission denied for table"):
            async with engine.begin() as connection:
                await connection.execute(change)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n int)",
        "DROP TABLE events",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "UPDATE alembic_version SET version_num = '9999'",
        "SET session_replication_role = replica",
        "DELETE FROM complaints",
    ],
)
async def test_the_service_role_may_not_change_the_schema_or_pass_its_triggers(
    engine: AsyncEngine, statement: str
) -> None:
    with pytest.raises(Exception, match=r"permission denied|must be owner"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))


async def test_a_grant_too_many_is_taken_away_and_a_lost_one_given_again(
    empty_url: str, empty_engine: AsyncEngine
) -> None:
    await asyncio.to_thread(upgrade_as_owner, empty_url)
    await execute_as_owner(empty_url, f"GRANT ALL ON events TO {SERVICE}; REVOKE INSERT ON letters FROM {SERVICE}")
    assert await list_missing(empty_engine) == ["INSERT on letters"]
    await asyncio.to_thread(upgrade_as_owner, empty_url)
    assert await granted(empty_engine) == ALL


async def test_without_a_service_role_nothing_is_granted(empty_url: str, empty_engine: AsyncEngine) -> None:
    await asyncio.to_thread(upgrade, owner_url(empty_url))
    assert await granted(empty_engine) == set()
    assert len(await list_missing(empty_engine)) == len(ALL)


@pytest.mark.parametrize(
    ("role", "error"),
    [
        ("nobody", "COMPLAINTS_SERVICE_ROLE: PostgreSQL has no role nobody; create it: CREATE ROLE nobody LOGIN"),
        ("postgres", "COMPLAINTS_SERVICE_ROLE: postgres owns the tables; name the role of the worker"),
    ],
)
async def test_a_wrong_service_role_is_refused_and_nothing_is_migrated(
    empty_url: str, empty_engine: AsyncEngine, role: str, error: str
) -> None:
    with pytest.raises(RecordError, match=error):
        await asyncio.to_thread(upgrade, owner_url(empty_url), service_role=role)
    async with empty_engine.connect() as connection:
        assert await connection.scalar(text("SELECT to_regclass('complaints')")) is None
