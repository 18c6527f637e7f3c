"""After a restore of Temporal, reconcile lets complaints go on from the record."""

import asyncio
import re

from sqlalchemy import func, select
from temporalio.api.sdk.v1 import WorkflowMetadata

from complaints.procedure import acts
from complaints.records import queries, tables
from tests.worker.replay.loss import fork, open_today, reconcile_of, recorded_kinds, reset_before_last_update
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.replay.give_act import give_act

RECORDED_WITHIN = 60.0
"""Seconds."""


async def owed_letters(complaint: ComplaintDriver) -> int:
    table = tables.deliveries
    async with complaint.engine.connect() as connection:
        count = await connection.scalar(select(func.count()).where(table.c.reference == complaint.reference))
    return count or 0


async def test_a_fork_is_resolved_by_the_record(alone: ComplaintOpener) -> None:
    complaint = await fork(alone)
    events, letters = await queries.read_events(alone.engine, complaint.reference), await owed_letters(complaint)
    page = await complaint.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert "**Not recorded since " in page.current_details
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
    given = re.search(r"python -m worker give \S+ add_information '(.*)'$", line)
    assert given
    await give_act(alone.client, complaint.reference, "add_information", given[1])
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            if (await recorded_kinds(complaint)).count("add_information") == 2:
                break
            await asyncio.sleep(0.1)


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
