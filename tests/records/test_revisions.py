"""A version runs on older and newer revisions of the database, as far as they are marked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.records.database import make_engine
from complaints.records.migrations.revisions import DatabaseRevision, incompatibility, schema_problem
from local.servers.owner import owner_url
from tests.fixtures.next_release import migrate, next_release, start_migration
from tests.house.sources import ROOT

EXPAND = ("0001", 'op.add_column("complaints", sa.Column("team", sa.Text))')
INDEX = ("0001", 'create_index("ix_complaints_team", "complaints", ["holder", "tier"])')
CONTRACT = ("0002", 'op.drop_column("complaints", "team")')
TIMEOUT_SECONDS = 60.0
WAITS_FOR_A_TRANSACTION = "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting for %'"
IS_VALID = "SELECT count(*) FROM pg_index WHERE indexrelid = 'ix_complaints_team'::regclass AND indisvalid"
IS_INVALID = IS_VALID.replace("AND indisvalid", "AND NOT indisvalid")
BASIS = "WITH put AS (INSERT INTO policies VALUES ('p', '{}')) INSERT INTO calendars VALUES ('c', '{}')"
COMPLAINT = """
INSERT INTO complaints (reference, policy, form_digest, status, opened_at, received_at, aspects, case_open, overdue,
    sequence, view, state, policy_digest, calendar_digest)
VALUES (:reference, 'p', 'd', 'awaiting_reply', '2030-01-07', '2030-01-07', '{}', true, false, 1, '{}', '{}', 'p', 'c')
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize(
    ("database", "problem"),
    [
        (DatabaseRevision("0002", None), None),
        (DatabaseRevision("0003", "0001"), None),
        (DatabaseRevision("0005", "0003"), None),
        (DatabaseRevision("0001", "0001"), "at revision 0001, but this version needs 0002 or later; run: python -m "),
        (DatabaseRevision("0005", "0004"), "at revision 0005, which runs versions from 0004 only; this version is at "),
        (DatabaseRevision("0005", None), "at revision 0005, which names no older version; this version is at 0003; "),
        (DatabaseRevision(None, None), "no tables; run: python -m complaints.records.migrate"),
    ],
)
def test_a_version_runs_from_its_oldest_revision_to_the_newest_that_is_marked(
    database: DatabaseRevision, problem: str | None
) -> None:
    found = incompatibility(database, known=["0001", "0002", "0003"], oldest="0002")
    assert (found or "").startswith(problem or "")
    assert bool(found) == bool(problem)


async def test_this_version_runs_after_the_next_ones_migration_until_it_is_no_longer_marked(
    empty_url: str, tmp_path: Path
) -> None:
    assert (await migrate(ROOT, empty_url))[:2] == (
        0,
        "The database is at revision 0001; versions from 0001 run on it.\n",
    )
    release = next_release(tmp_path, EXPAND, INDEX)
    assert await migrate(release, empty_url) == (
        0,
        "The database is at revision 0003; versions from 0001 run on it.\n",
        "",
    )
    async with connected(empty_url) as engine:
        assert await schema_problem(engine) is None
        assert await migrate(ROOT, empty_url) == (
            0,
            "The database is at revision 0003, newer than this version, which runs on it.\n",
            "",
        )
        assert (await migrate(next_release(release, CONTRACT), empty_url))[0] == 0
        needs = "at revision 0004, which runs versions from 0002 only; this version is at 0001; deploy a newer version"
        assert await schema_problem(engine) == f"database schema: {needs}"
    refused = f"the migrations do not fit the database: it is {needs}\n"
    assert await migrate(ROOT, empty_url) == (1, "", refused)


async def test_a_migration_that_would_stop_the_version_in_service_is_refused(empty_url: str, tmp_path: Path) -> None:
    await migrate(ROOT, empty_url)
    release = next_release(tmp_path, EXPAND, INDEX, CONTRACT)
    code, _, said = await migrate(release, empty_url)
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("only versions from 0002 run on the newest migration, 0004, and the database is at 0001; ")
    async with connected(empty_url) as engine:
        assert await schema_problem(engine) is None
    assert (await migrate(release, empty_url, "--stopped"))[0] == 0


async def test_a_migration_without_a_marking_is_refused(empty_url: str, tmp_path: Path) -> None:
    await migrate(ROOT, empty_url)
    release = next_release(tmp_path, (None, EXPAND[1]))
    code, _, said = await migrate(release, empty_url)
    assert (code, said) == (
        1,
        "the migrations do not fit the database: the migration 0002 has no compatible_from; see CONTRIBUTING.md\n",
    )
    async with connected(empty_url) as engine:
        assert await schema_problem(engine) is None


async def test_a_migration_waits_for_a_lock_briefly_and_tries_again(empty_url: str, tmp_path: Path) -> None:
    await migrate(ROOT, empty_url)
    async with connected(empty_url) as engine:
        async with engine.begin() as reader:
            await reader.execute(text("SELECT count(*) FROM complaints"))
            migration = await start_migration(next_release(tmp_path, EXPAND), empty_url)
            assert migration.stderr
            async with asyncio.timeout(TIMEOUT_SECONDS):
                line = (await migration.stderr.readline()).decode()
            assert line.startswith("attempt 1 of 10: another transaction holds a lock: ")
        out, _ = await migration.communicate()
        assert (migration.returncode, out.decode()) == (
            0,
            "The database is at revision 0002; versions from 0001 run on it.\n",
        )


async def test_an_index_is_made_while_complaints_are_written_also_after_an_attempt_that_was_killed(
    empty_url: str, tmp_path: Path
) -> None:
    await migrate(ROOT, empty_url)
    release = next_release(tmp_path, INDEX)
    async with connected(owner_url(empty_url)) as engine:
        async with engine.begin() as first:
            await first.execute(text(BASIS))
        async with engine.begin() as writer:
            await _write(writer, "C-1")
            killed = await start_migration(release, empty_url)
            await _until(engine, WAITS_FOR_A_TRANSACTION)
            async with engine.begin() as another:
                await _write(another, "C-2")  # no lock is in its way
            killed.kill()
            await killed.wait()
            await _until(engine, IS_INVALID)
        migrations = await asyncio.gather(*(migrate(release, empty_url) for _ in range(3)))
        assert [code for code, *_ in migrations] == [0, 0, 0], migrations
        async with engine.connect() as connection:
            assert await connection.scalar(text(IS_VALID))
        assert await schema_problem(engine) is None


async def _write(connection: AsyncConnection, reference: str) -> None:
    await connection.execute(text(COMPLAINT), {"reference": reference})


async def _until(engine: AsyncEngine, count: str) -> None:
    """Wait until something is counted."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            async with engine.connect() as connection:
                if await connection.scalar(text(count)):
                    return
            await asyncio.sleep(0.05)
