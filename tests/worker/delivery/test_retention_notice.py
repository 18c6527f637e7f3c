"""Leads get a yearly notice of the anonymisation, and may hold complaints."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from activities.task_queues import operations_queue
from complaints.policies.loader import load_policy
from complaints.procedure.views.views import transition_since
from complaints.records.erasure import find_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.records.retention import add_hold
from complaints.records.tables import RunKind
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from complaints.temporal.virtual_time import advance_to
from tests.fixtures.asked_runs import allow_scheduled_run
from tests.procedure.builders import opened
from tests.worker.delivery.delivery_worker import LEADS_OF_MANAGER, Office, open_office
from tests.workflows.complaint_driver import at_virtual_start
from worker.retention.start import retention_activities
from workflows import names
from workflows.retention import RetentionInput, RetentionProgress, RetentionWorkflow

FIRST_OF_MARCH = datetime(2031, 3, 1, 9, tzinfo=UTC)
NOTICE = timedelta(days=31)
Run = WorkflowHandle[RetentionWorkflow, int]


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with (
        retention_activities(
            client, record_url, keys_of(engine), load_policy(), now, post_room=tmp_path / "post"
        ) as further,
        open_office(
            client, engine, record_url, tmp_path / "post", f"retention-{tmp_path.name}", further=further
        ) as office,
    ):
        yield office


async def signposted_in_2024(office: Office, reference: str) -> None:
    """Kept for a year."""
    case, told_on = {"answered_on": "2024-02-20"}, "2024-02-25"
    story = opened(
        "2024-03-04 10:00", reference=reference, aspects=["outcome"], case=case, told_case_handler_on=told_on
    )
    await write_transition(office.opener.engine, transition_since(story.complaint, 0))


async def begun(office: Office, on: datetime = FIRST_OF_MARCH) -> Run:
    """Start the run as the Schedule does, and wait for the notice to the leads."""
    await allow_scheduled_run(office.opener.engine, RunKind.RETENTION, on.date(), on)
    client = at_virtual_start(office.opener.client, on)
    handle = await client.start_workflow(
        RetentionWorkflow.run,
        RetentionInput(),
        id=f"retention-{uuid4()}",
        task_queue=operations_queue(office.opener.task_queue),
    )
    await advance_to(office.opener.client, handle.id, on + timedelta(days=1))
    return office.opener.client.get_workflow_handle_for(RetentionWorkflow.run, handle.id)


async def test_complaints_are_announced_and_anonymised_a_month_later_unless_a_lead_holds_them(office: Office) -> None:
    for reference in ("OLD-1", "OLD-2"):
        await signposted_in_2024(office, reference)
    run = await begun(office)
    emails = {taken.recipients: taken for taken in office.mail.messages if taken.message["Complaint-Reference"] is None}
    assert len(emails) == len(load_policy().tiers)
    assert str(emails[LEADS_OF_MANAGER].message["Subject"]) == "2 complaints to be anonymised on Tue 1 Apr 2031"
    assert "- 2 not taken: anonymised on Tue 1 Apr 2031" in emails[LEADS_OF_MANAGER].text()
    assert await find_tombstone(office.opener.engine, "OLD-1") is None
    await add_hold(office.opener.engine, "OLD-2", FIRST_OF_MARCH.date() + NOTICE, now(), "lead.manager", "A claim.")
    await advance_to(office.opener.client, run.id, FIRST_OF_MARCH + NOTICE + timedelta(minutes=1))
    assert await run.result() == 1
    gone = await find_tombstone(office.opener.engine, "OLD-1")
    assert gone
    assert gone.by is None
    assert await find_tombstone(office.opener.engine, "OLD-2") is None


async def test_a_run_cancelled_during_the_notice_anonymises_nothing(office: Office) -> None:
    await signposted_in_2024(office, "OLD-3")
    run = await begun(office, FIRST_OF_MARCH + timedelta(days=1))
    progress = await run.query(names.PROGRESS_QUERY, result_type=RetentionProgress)
    assert progress.plan
    assert (progress.plan.anonymise, progress.anonymised) == ({"not_taken": 1}, 0)
    await run.cancel()
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert await find_tombstone(office.opener.engine, "OLD-3") is None


async def test_the_schedule_is_for_the_first_of_march(office: Office) -> None:
    described = await office.opener.client.get_schedule_handle("retention").describe()
    [calendar] = described.schedule.spec.calendars
    assert (calendar.month[0].start, calendar.day_of_month[0].start, calendar.hour[0].start) == (3, 1, 9)
