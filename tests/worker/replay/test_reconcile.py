"""After PostgreSQL was restored from a backup: what Temporal's complaints have told since is recorded again.

The database into which the worker records is one, and the restored one another: what it lacks, it lacks for real.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure import acts
from complaints.records.database import make_engine
from complaints.records.migrate import upgrade
from complaints.records.tables import metadata
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, ephemeral_temporal
from tests.workflows.complaint_driver import MONDAY, Case, Desk
from worker.composition import make_worker
from worker.replay.reconcile import LATEST_RUNS, Reconciliation, reconcile

SOON = {"limit.historyCount.suggestContinueAsNew": "60"}
PAST_THE_TRIGGER = text("SET LOCAL session_replication_role = replica")
LISTED_WITHIN = 10.0
"""Seconds."""


@pytest.fixture(scope="module")
def temporal() -> Iterator[str]:
    """A Temporal of its own, for all that it has is compared."""
    with ephemeral_temporal(SOON) as address:
        yield address


@pytest.fixture
async def desk(temporal: str, engine: AsyncEngine) -> AsyncIterator[Desk]:
    client = await connect({"TEMPORAL_ADDRESS": temporal})
    async with make_worker(client, engine, "before-the-fall"):
        yield Desk(client, engine, "before-the-fall")


@pytest.fixture
async def restored(stack: EphemeralStack) -> AsyncIterator[AsyncEngine]:
    """Another database, which has the tables and nothing else."""
    name = f"restored_{uuid4().hex}"
    connection = await asyncpg.connect(stack.database_url.replace("+asyncpg", ""))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    await asyncio.to_thread(upgrade, url)
    engine = make_engine(url)
    yield engine
    await engine.dispose()


class Told(list[str]):
    """What was said of a complaint, line by line."""

    def of(self, case: Case) -> list[str]:
        return [line.removeprefix(f"{case.reference}: ") for line in self if line.startswith(f"{case.reference}: ")]


async def mend(case: Case, engine: AsyncEngine, *, dry_run: bool = False) -> tuple[Reconciliation, Told]:
    """All that its Temporal has, it among them."""
    await _listed(case)
    told = Told()
    return await reconcile(case.client, engine, told.append, dry_run=dry_run), told


async def rows(engine: AsyncEngine, case: Case) -> dict[str, list[dict[str, Any]]]:
    """All that the record has of it, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if "reference" not in table.c:  # it is of no complaint
                continue
            of_it = select(table).where(table.c.reference == case.reference).order_by(*table.primary_key)
            found[table.name] = [dict(row) for row in (await connection.execute(of_it)).mappings()]
    return found


async def lose(engine: AsyncEngine, case: Case, *events: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(PAST_THE_TRIGGER)
        for table in ("free_text", "letters", "alerts", "events"):
            wanted = metadata.tables[table]
            of_them = wanted.c.sequence.in_(events) & (wanted.c.reference == case.reference)
            await connection.execute(wanted.delete().where(of_them))


async def lived(desk: Desk) -> Case:
    case = await desk.open()
    await case.tell(acts.Acknowledge)
    await case.signal(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await case.until(MONDAY.replace(month=4, day=2))
    await case.tell(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[{"kind": "apology"}])
    await case.quiet()
    return case


async def test_a_record_that_was_lost_whole_is_written_again_words_letters_and_alerts_too(
    desk: Desk, restored: AsyncEngine
) -> None:
    case = await lived(desk)
    last = (await case.story()).sequence
    found, told = await mend(case, restored)
    assert told.of(case) == [f"events 1 to {last} missing, recorded again"]
    assert case.reference in found.behind
    assert await rows(restored, case) == await rows(desk.engine, case)
    found, told = await mend(case, restored)
    assert (told, found.behind, found.amiss) == ([], set(), set())


async def test_what_happened_since_the_backup_is_recorded_again_by_a_complaint_that_goes_on(
    desk: Desk, restored: AsyncEngine
) -> None:
    case = await lived(desk)
    await mend(case, restored)
    backed_up = (await case.story()).sequence
    await case.tell(acts.Escalate, by="intake", reason="Still nobody rang.")
    await case.tell(acts.Acknowledge, by="t.abara")
    last = (await case.quiet()).sequence
    await mend(case, restored)
    assert await rows(restored, case) == await rows(desk.engine, case)
    await lose(restored, case, backed_up + 1, backed_up + 3)
    found, told = await mend(case, restored, dry_run=True)
    assert told.of(case) == [f"events {backed_up + 1}, {backed_up + 3} missing"]
    assert case.reference in found.behind
    _, told = await mend(case, restored)
    assert told.of(case) == [f"events {backed_up + 1}, {backed_up + 3} missing, recorded again"]
    assert await rows(restored, case) == await rows(desk.engine, case)
    assert last > backed_up + 3


async def test_a_complaint_that_continued_as_new_is_mended_from_all_its_runs(desk: Desk, restored: AsyncEngine) -> None:
    case = await desk.open()
    for number in range(40):
        await case.tell(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    await case.quiet()
    _, told = await mend(case, restored)
    assert told.of(case)
    assert await rows(restored, case) == await rows(desk.engine, case)


async def test_an_event_that_differs_is_told_and_left_as_it_is(desk: Desk, restored: AsyncEngine) -> None:
    case = await lived(desk)
    await mend(case, restored)
    async with restored.begin() as connection:
        await connection.execute(PAST_THE_TRIGGER)
        events = metadata.tables["events"]
        third = (events.c.reference == case.reference) & (events.c.sequence == 3)
        await connection.execute(events.update().where(third).values(what="nothing at all"))
    before = await rows(restored, case)
    found, told = await mend(case, restored)
    assert told.of(case) == ["event 3 on the record differ from Temporal's history, and were left as they are"]
    assert case.reference in found.amiss
    assert await rows(restored, case) == before


async def test_what_the_record_alone_knows_is_told(desk: Desk, restored: AsyncEngine, client: Client) -> None:
    case = await lived(desk)
    await mend(case, restored)
    async with restored.begin() as connection:
        events, complaints = metadata.tables["events"], metadata.tables["complaints"]
        [row] = (await connection.execute(select(events).where(events.c.sequence == 3).limit(1))).mappings()
        await connection.execute(events.insert().values(**{**row, "reference": case.reference, "sequence": 1_000}))
        [row] = (
            await connection.execute(select(complaints).where(complaints.c.reference == case.reference))
        ).mappings()
        view = {**row["view"], "reference": "LOST-1"}
        await connection.execute(complaints.insert().values(**{**row, "reference": "LOST-1", "view": view}))
    found, told = await mend(case, restored)
    assert told.of(case) == ["event 1000 on the record, but not in Temporal"]
    assert "LOST-1: open on the record, but Temporal has no workflow for it" in told
    assert {case.reference, "LOST-1"} <= found.amiss


async def _listed(case: Case) -> None:
    """Until Temporal lists its latest run, with nothing under way by which it would continue as new."""
    async with asyncio.timeout(LISTED_WITHIN):
        while True:
            latest = await case.handle.describe()
            under_way = latest.raw_description
            is_at_rest = not under_way.pending_activities and not under_way.HasField("pending_workflow_task")
            if is_at_rest and latest.run_id in [each.run_id async for each in case.client.list_workflows(LATEST_RUNS)]:
                return
            await asyncio.sleep(0.1)
