"""After a restore of Temporal, reconcile lets complaints go on from the record."""

import asyncio
import re

from sqlalchemy import func, select

from complaints.procedure import acts
from complaints.records import queries, tables
from tests.worker.replay.loss import open_today, reconcile_of, recorded_kinds, reset_before_last_update
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

FORKED_WITHIN_SECONDS = 60.0


async def forked(opener: ComplaintOpener) -> ComplaintDriver:
    """Return a complaint whose record has an acknowledgement, and its workflow a note instead."""
    complaint = await open_today(opener)
    await complaint.do(acts.AddInformation, by="intake", note="She rang.")
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    await reset_before_last_update(complaint)
    assert (await complaint.do(acts.AddInformation, by="intake", note="Since the restore.")).code == "done"
    async with asyncio.timeout(FORKED_WITHIN_SECONDS):
        while "RecordForkedError" not in await failing_recordings(complaint):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return complaint


async def failing_recordings(complaint: ComplaintDriver) -> set[str]:
    pending = (await complaint.handle.describe()).raw_description.pending_activities
    return {each.last_failure.application_failure_info.type for each in pending}


async def owed_letters(complaint: ComplaintDriver) -> int:
    table = tables.deliveries
    async with complaint.engine.connect() as connection:
        count = await connection.scalar(select(func.count()).where(table.c.reference == complaint.reference))
    return count or 0


async def test_a_fork_is_resolved_by_the_record(alone: ComplaintOpener) -> None:
    complaint = await forked(alone)
    events, letters = await queries.read_events(alone.engine, complaint.reference), await owed_letters(complaint)
    run = (await complaint.handle.describe()).run_id
    result, report = await reconcile_of(alone, dry_run=True)
    assert (result.restarted, result.different) == ({complaint.reference}, {complaint.reference})
    assert (await complaint.handle.describe()).run_id == run
    result, report = await reconcile_of(alone)
    assert (result.restarted, result.different) == ({complaint.reference}, {complaint.reference})
    [line] = [line for line in report if "only Temporal has" in line]
    assert "Since the restore." in line
    history = await complaint.wait_until_recorded()
    recorded = await queries.read_events(alone.engine, complaint.reference)
    assert {number: recorded[number] for number in events} == events
    assert [event.kind for event in recorded.values()][len(events) :] == ["revived"]
    assert await owed_letters(complaint) == letters
    assert history.status == "awaiting_reply"
    result, report = await reconcile_of(alone)
    assert (result.restarted, result.different, report) == (set(), set(), [])
    given = re.search(r"--input '(.*)'$", line)
    assert given
    act = acts.AddInformation.model_validate_json(given[1])
    assert (await complaint.update(act)).code == "done"
    await complaint.wait_until_recorded()
    assert (await recorded_kinds(complaint)).count("add_information") == 2


async def test_a_workflow_behind_the_record_goes_on_from_it(alone: ComplaintOpener) -> None:
    complaint = await open_today(alone)
    await complaint.do(acts.AddInformation, by="intake", note="She rang.")
    act = complaint.build_act(acts.Acknowledge, "m.okafor")
    answer = await complaint.update(act)
    before = await complaint.wait_until_recorded()
    await reset_before_last_update(complaint)
    result, report = await reconcile_of(alone)
    assert (result.restarted, result.different) == ({complaint.reference}, set()), report
    history = await complaint.wait_until_recorded()
    assert history.sequence == before.sequence + 1
    assert await complaint.update(act) == answer
    assert (await recorded_kinds(complaint)).count("acknowledge") == 1
