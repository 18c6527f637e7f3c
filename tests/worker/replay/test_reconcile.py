"""After a restore of PostgreSQL, reconcile records what the record lacks and Temporal has."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure import acts
from complaints.records.tables import metadata
from tests.worker.replay.comparison import as_owner, list_then_reconcile, long_complaint, lose, rows
from tests.workflows.complaint_driver import ComplaintOpener


async def test_an_empty_record_is_filled_with_events_free_text_letters_and_alerts(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await long_complaint(opener)
    last = (await complaint.query_history()).sequence
    result, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint) == [f"events 1 to {last} missing, recorded again"]
    assert complaint.reference in result.incomplete
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    result, report = await list_then_reconcile(complaint, restored)
    assert (report, result.incomplete, result.different) == ([], set(), set())


async def test_events_since_the_backup_are_recorded_again_while_the_complaint_goes_on(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await long_complaint(opener)
    await list_then_reconcile(complaint, restored)
    backed_up = (await complaint.query_history()).sequence
    await complaint.do(acts.Escalate, by="intake", reason="Still nobody rang.")
    await complaint.do(acts.Acknowledge, by="t.abara")
    last = (await complaint.wait_until_recorded()).sequence
    await list_then_reconcile(complaint, restored)
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    await lose(restored, complaint, backed_up + 1, backed_up + 3)
    result, report = await list_then_reconcile(complaint, restored, dry_run=True)
    assert report.of(complaint) == [f"events {backed_up + 1}, {backed_up + 3} missing"]
    assert complaint.reference in result.incomplete
    _, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint) == [f"events {backed_up + 1}, {backed_up + 3} missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)
    assert last > backed_up + 3


async def test_an_event_that_differs_is_reported_and_left_as_it_is(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await long_complaint(opener)
    await list_then_reconcile(complaint, restored)
    async with as_owner(restored) as connection:
        events = metadata.tables["events"]
        third = (events.c.reference == complaint.reference) & (events.c.sequence == 3)
        await connection.execute(events.update().where(third).values(what="nothing at all"))
    before = await rows(restored, complaint)
    result, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint) == ["event 3 on the record differ from Temporal's history, and were left as they are"]
    assert complaint.reference in result.different
    assert await rows(restored, complaint) == before


async def test_events_that_only_the_record_has_are_reported(
    opener: ComplaintOpener, restored: AsyncEngine, client: Client
) -> None:
    complaint = await long_complaint(opener)
    await list_then_reconcile(complaint, restored)
    async with restored.begin() as connection:
        events, complaints = metadata.tables["events"], metadata.tables["complaints"]
        [row] = (await connection.execute(select(events).where(events.c.sequence == 3).limit(1))).mappings()
        await connection.execute(events.insert().values(**{**row, "reference": complaint.reference, "sequence": 1_000}))
        [row] = (
            await connection.execute(select(complaints).where(complaints.c.reference == complaint.reference))
        ).mappings()
        view = {**row["view"], "reference": "LOST-1"}
        await connection.execute(complaints.insert().values(**{**row, "reference": "LOST-1", "view": view}))
    result, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint) == ["event 1000 on the record, but not in Temporal"]
    asked = "run python -m worker revive LOST-1"
    assert f"LOST-1: open on the record, but Temporal has no workflow for it; {asked}" in report
    assert {complaint.reference, "LOST-1"} <= result.different
