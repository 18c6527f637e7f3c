"""After PostgreSQL was restored from a backup: what Temporal's complaints have told since is recorded again.

The database into which the worker records is one, and the restored one another: what it lacks, it lacks for real.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, Interceptor, WorkflowExecution, WorkflowHistory
from temporalio.worker import (
    ContinueAsNewInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.worker import Interceptor as WorkerInterceptor

from complaints.procedure import acts
from complaints.records.tables import metadata
from complaints.temporal.client import DATA_CONVERTER, connect
from local.ephemeral_stack import ephemeral_temporal
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.replay import fetch_histories
from worker.replay.reconcile import Reconciliation, reconcile
from workflows.input import ComplaintInput

SOON = {"limit.historyCount.suggestContinueAsNew": "60"}
PAST_THE_TRIGGER = text("SET LOCAL session_replication_role = replica")
LISTED_WITHIN = 10.0
CONTINUED_WITHIN = 30.0
"""Seconds."""


@pytest.fixture(scope="module")
def temporal() -> Iterator[str]:
    """A Temporal of its own, for all that it has is compared."""
    with ephemeral_temporal(SOON) as address:
        yield address


@pytest.fixture
async def opener(temporal: str, engine: AsyncEngine) -> AsyncIterator[ComplaintOpener]:
    client = await connect({"TEMPORAL_ADDRESS": temporal})
    async with make_worker(client, engine, "before-the-fall"):
        yield ComplaintOpener(client, engine, "before-the-fall")


class Told(list[str]):
    """What was said of a complaint, line by line."""

    def of(self, complaint: ComplaintDriver) -> list[str]:
        return [
            line.removeprefix(f"{complaint.reference}: ")
            for line in self
            if line.startswith(f"{complaint.reference}: ")
        ]


async def mend(
    complaint: ComplaintDriver, engine: AsyncEngine, *, dry_run: bool = False
) -> tuple[Reconciliation, Told]:
    """All that its Temporal has, it among them."""
    await _listed(complaint)
    return await compare(complaint.client, engine, dry_run=dry_run)


async def compare(client: Client, engine: AsyncEngine, *, dry_run: bool = False) -> tuple[Reconciliation, Told]:
    told = Told()
    return await reconcile(client, engine, told.append, dry_run=dry_run), told


async def rows(engine: AsyncEngine, complaint: ComplaintDriver) -> dict[str, list[dict[str, Any]]]:
    """All that the record has of it, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if "reference" not in table.c:  # it is of no complaint
                continue
            of_it = select(table).where(table.c.reference == complaint.reference).order_by(*table.primary_key)
            found[table.name] = [dict(row) for row in (await connection.execute(of_it)).mappings()]
    return found


async def lose(engine: AsyncEngine, complaint: ComplaintDriver, *events: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(PAST_THE_TRIGGER)
        for table in ("free_text", "letters", "alerts", "events"):
            wanted = metadata.tables[table]
            of_them = wanted.c.sequence.in_(events) & (wanted.c.reference == complaint.reference)
            await connection.execute(wanted.delete().where(of_them))


async def lived(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.signal(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.advance_to(MONDAY.replace(month=4, day=2))
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[{"kind": "apology"}])
    await complaint.wait_until_recorded()
    return complaint


async def test_a_record_that_was_lost_whole_is_written_again_words_letters_and_alerts_too(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await lived(opener)
    last = (await complaint.query_history()).sequence
    found, told = await mend(complaint, restored)
    assert told.of(complaint) == [f"events 1 to {last} missing, recorded again"]
    assert complaint.reference in found.incomplete
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    found, told = await mend(complaint, restored)
    assert (told, found.incomplete, found.different) == ([], set(), set())


async def test_what_happened_since_the_backup_is_recorded_again_by_a_complaint_that_goes_on(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await lived(opener)
    await mend(complaint, restored)
    backed_up = (await complaint.query_history()).sequence
    await complaint.do(acts.Escalate, by="intake", reason="Still nobody rang.")
    await complaint.do(acts.Acknowledge, by="t.abara")
    last = (await complaint.wait_until_recorded()).sequence
    await mend(complaint, restored)
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    await lose(restored, complaint, backed_up + 1, backed_up + 3)
    found, told = await mend(complaint, restored, dry_run=True)
    assert told.of(complaint) == [f"events {backed_up + 1}, {backed_up + 3} missing"]
    assert complaint.reference in found.incomplete
    _, told = await mend(complaint, restored)
    assert told.of(complaint) == [f"events {backed_up + 1}, {backed_up + 3} missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    assert last > backed_up + 3


async def test_a_complaint_that_continued_as_new_is_mended_from_all_its_runs(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await continued(opener)
    await complaint.wait_until_recorded()
    _, told = await mend(complaint, restored)
    assert told.of(complaint)
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_an_event_that_differs_is_told_and_left_as_it_is(opener: ComplaintOpener, restored: AsyncEngine) -> None:
    complaint = await lived(opener)
    await mend(complaint, restored)
    async with restored.begin() as connection:
        await connection.execute(PAST_THE_TRIGGER)
        events = metadata.tables["events"]
        third = (events.c.reference == complaint.reference) & (events.c.sequence == 3)
        await connection.execute(events.update().where(third).values(what="nothing at all"))
    before = await rows(restored, complaint)
    found, told = await mend(complaint, restored)
    assert told.of(complaint) == ["event 3 on the record differ from Temporal's history, and were left as they are"]
    assert complaint.reference in found.different
    assert await rows(restored, complaint) == before


async def test_what_the_record_alone_knows_is_told(
    opener: ComplaintOpener, restored: AsyncEngine, client: Client
) -> None:
    complaint = await lived(opener)
    await mend(complaint, restored)
    async with restored.begin() as connection:
        events, complaints = metadata.tables["events"], metadata.tables["complaints"]
        [row] = (await connection.execute(select(events).where(events.c.sequence == 3).limit(1))).mappings()
        await connection.execute(events.insert().values(**{**row, "reference": complaint.reference, "sequence": 1_000}))
        [row] = (
            await connection.execute(select(complaints).where(complaints.c.reference == complaint.reference))
        ).mappings()
        view = {**row["view"], "reference": "LOST-1"}
        await connection.execute(complaints.insert().values(**{**row, "reference": "LOST-1", "view": view}))
    found, told = await mend(complaint, restored)
    assert told.of(complaint) == ["event 1000 on the record, but not in Temporal"]
    assert "LOST-1: open on the record, but Temporal has no workflow for it" in told
    assert {complaint.reference, "LOST-1"} <= found.different


async def test_a_complaint_that_temporal_does_not_list_yet_is_found_by_the_record(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await lived(opener)
    await mend(complaint, restored)
    await lose(restored, complaint, 2, 3)
    monkeypatch.setattr(opener.client, "list_workflows", listing(opener.client, lambda _: False))
    _, told = await compare(opener.client, restored)
    assert told.of(complaint) == ["events 2 to 3 missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_a_complaint_that_continued_as_new_is_found_by_an_earlier_run(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await continued(opener)
    last = (await complaint.wait_until_recorded()).sequence
    first = (await chain(complaint))[-1].run_id
    monkeypatch.setattr(opener.client, "list_workflows", listing(opener.client, lambda run: run.run_id == first))
    _, told = await mend(complaint, restored)
    assert told.of(complaint) == [f"events 1 to {last} missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_each_run_leads_to_the_one_before_it_until_the_first(opener: ComplaintOpener) -> None:
    complaint = await continued(opener)
    await complaint.wait_until_recorded()
    runs = await chain(complaint)
    started = [run.events[0].workflow_execution_started_event_attributes for run in runs]
    assert len(runs) > 2
    assert [each.continued_execution_run_id for each in started] == [*(run.run_id for run in runs[1:]), ""]
    assert {each.first_execution_run_id for each in started} == {runs[-1].run_id}
    for earlier, later in zip(runs[1:], runs, strict=False):
        ended = earlier.events[-1].workflow_execution_continued_as_new_event_attributes
        assert ended.new_execution_run_id == later.run_id


async def test_a_run_that_no_worker_has_begun_hides_none_of_the_earlier_runs(
    temporal: str, engine: AsyncEngine, restored: AsyncEngine
) -> None:
    client = await connect({"TEMPORAL_ADDRESS": temporal}, interceptors=[Astray()])
    opener = ComplaintOpener(client, engine, "goes-astray")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        first = (await complaint.handle.describe()).run_id
        async with asyncio.timeout(CONTINUED_WITHIN):
            while (await complaint.handle.describe()).run_id == first:
                await complaint.signal(acts.Reassign, by="lead", to="m.okafor", reason="On leave.")
                await asyncio.sleep(0.05)
    _, told = await mend(complaint, restored)
    [line] = told.of(complaint)
    assert line.startswith("events 1 to ")
    assert line.endswith(" missing, recorded again")
    assert await rows(restored, complaint) == await rows(engine, complaint)


async def test_what_only_a_run_had_that_is_gone_is_said_and_is_no_error(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await continued(opener)
    last = (await complaint.wait_until_recorded()).sequence
    *_, second, first = await chain(complaint)
    fetch = fetch_histories.fetch_history

    async def without_the_first(client: Client, reference: str, run_id: str | None = None) -> WorkflowHistory | None:
        return None if run_id == first.run_id else await fetch(client, reference, run_id)

    monkeypatch.setattr(fetch_histories, "fetch_history", without_the_first)
    found, told = await mend(complaint, restored)
    [given] = await DATA_CONVERTER.decode(
        second.events[0].workflow_execution_started_event_attributes.input.payloads, [ComplaintInput]
    )
    gone = given.resumed.sequence
    assert 0 < gone < last
    assert told.of(complaint) == [
        f"events {gone + 1} to {last} missing, recorded again",
        f"events 1 to {gone} missing, from a run that Temporal has no longer",
    ]
    assert complaint.reference in found.incomplete & found.different


async def test_a_complaint_that_the_record_lacks_is_found_by_temporals_list(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    known = await lived(opener)
    await mend(known, restored)
    lacking = await lived(opener)
    last = (await lacking.query_history()).sequence
    found, told = await mend(lacking, restored)
    assert list(told) == [f"{lacking.reference}: events 1 to {last} missing, recorded again"]
    assert {known.reference, lacking.reference} <= found.compared
    assert await rows(restored, lacking) == await rows(opener.engine, lacking)


class Astray(Interceptor, WorkerInterceptor):
    """Send a complaint's next run to a task queue that no worker polls."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002
        return AstrayInbound


class AstrayInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(AstrayOutbound(outbound))


class AstrayOutbound(WorkflowOutboundInterceptor):
    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        super().continue_as_new(replace(input, task_queue="nobody"))


async def continued(opener: ComplaintOpener) -> ComplaintDriver:
    """Open a complaint that continues as new more than once."""
    complaint = await opener.open()
    for number in range(40):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        if number % 10 == 0:  # it continues as new once nothing is under way
            await complaint.wait_until_recorded()
    return complaint


async def chain(complaint: ComplaintDriver) -> list[WorkflowHistory]:
    """Fetch its runs, newest first."""

    async def only() -> AsyncIterator[str]:
        yield complaint.reference

    return [run async for run in fetch_histories.fetch_all_runs(complaint.client, only())]


def listing(
    client: Client, is_listed: Callable[[WorkflowExecution], bool]
) -> Callable[[str], AsyncIterator[WorkflowExecution]]:
    """Return a listing that leaves out some runs of what Temporal lists."""
    real = client.list_workflows

    async def list_workflows(query: str) -> AsyncIterator[WorkflowExecution]:
        async for run in real(query):
            if is_listed(run):
                yield run

    return list_workflows


async def _listed(complaint: ComplaintDriver) -> None:
    """Wait until Temporal lists one of its runs."""
    async with asyncio.timeout(LISTED_WITHIN):
        while True:
            if complaint.reference in [
                each.id async for each in complaint.client.list_workflows(fetch_histories.ALL_RUNS)
            ]:
                return
            await asyncio.sleep(0.1)
