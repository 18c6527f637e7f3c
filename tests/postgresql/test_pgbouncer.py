"""Through PgBouncer in transaction mode, the next transaction is on another connection."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.policies.loader import load_policy
from complaints.procedure.complaint import Complaint
from complaints.procedure.views.views import transition_since
from complaints.records import calendar_amendments, queries, retention
from complaints.records.database import make_engine
from complaints.records.migrate import list_missing_grants
from complaints.records.migrations.revisions import schema_problem
from complaints.records.transitions import write_transition
from complaints.reports.export import export_complaints
from complaints.reports.period import Year
from tests.fixtures.debian_servers import needs_pgbouncer, pgbouncer
from tests.records.sample_complaints import RECEIVED, long_story, opened, withdrawn

pytestmark = needs_pgbouncer

SERVER_CONNECTIONS = 3
CLIENTS = 12
OTHER_CONNECTIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def pooled_url(server_url: str, migrated_url: str) -> Iterator[str]:
    with pgbouncer(migrated_url, server_connections=SERVER_CONNECTIONS) as through:
        yield through


@pytest.fixture
async def pooled(pooled_url: str, url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(pooled_url, keys=InMemoryKeys(), pool_size=CLIENTS, command_timeout_seconds=30)
    yield engine
    await engine.dispose()


async def test_many_clients_share_few_connections_and_record_every_transition(
    pooled: AsyncEngine, engine: AsyncEngine
) -> None:
    complaints = [opened(f"C-{number}") for number in range(4 * CLIENTS)]
    at_once = asyncio.Semaphore(CLIENTS)

    async def record_and_read(complaint: Complaint) -> int:
        async with at_once:
            return await record_and_read_now(complaint)

    async def record_and_read_now(complaint: Complaint) -> int:
        await write_transition(pooled, transition_since(complaint, 0))
        found = await queries.find_complaint(pooled, complaint.state.form.reference)  # outside a transaction
        assert found
        history = await queries.read_history(pooled, complaint.state.form.reference)
        assert history
        return history.sequence

    sequences = await asyncio.gather(*map(record_and_read, complaints))
    assert sequences == [complaint.state.sequence for complaint in complaints]
    async with engine.connect() as connection:
        assert 1 <= await connection.scalar(OTHER_CONNECTIONS) <= SERVER_CONNECTIONS
    async with pooled.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


async def test_every_kind_of_statement_works(pooled: AsyncEngine) -> None:
    for complaint in (*long_story(), *withdrawn()):
        await write_transition(pooled, transition_since(complaint, 0))
    assert len([reference async for reference in queries.list_references(pooled)]) == 2
    views = [view async for view in queries.list_views(pooled)]
    policy, year = load_policy(), Year.of(load_policy(), 2026)
    exported = [row async for row in export_complaints(pooled, year, with_free_text=True)]
    assert len(views) == len(exported) == 2
    assert [expired async for expired in retention.list_expired(pooled, policy, date(2040, 1, 1))]
    added = [
        calendar_amendments.add_amendment(
            pooled, region="england", on=date(2027, 1, day), name="A day", by="lena", at=RECEIVED, reason="Test."
        )
        for day in range(1, 6)
    ]
    amendments = await asyncio.gather(*added)  # an advisory lock numbers them
    assert sorted(amendment.number for amendment in amendments) == [1, 2, 3, 4, 5]
    assert await schema_problem(pooled) is None
    assert await list_missing_grants(pooled) == []


async def test_settings_of_a_transaction_end_with_it(pooled: AsyncEngine) -> None:
    async def idle_timeout() -> str:
        async with pooled.connect() as connection:
            return str(await connection.scalar(text("SHOW idle_in_transaction_session_timeout")))

    before = await idle_timeout()
    [_ async for _ in export_complaints(pooled, Year.of(load_policy(), 2026), with_free_text=True)]
    assert {await idle_timeout() for _ in range(2 * SERVER_CONNECTIONS)} == {before}
