"""Each lead gets a digest on the morning of a working day, unless it is empty."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.task_queues import operations_queue
from complaints.records.tables import RunKind
from complaints.temporal.virtual_time import advance_to
from tests.channels.smtp_server import ReceivedMessage
from tests.fixtures.asked_runs import allow_scheduled_run
from tests.worker.delivery.delivery_worker import LEADS_OF_MANAGER, Office, open_office
from tests.workflows.complaint_driver import at_virtual_start
from workflows.digest import DigestWorkflow

SUNDAY, MONDAY = datetime(2031, 3, 9, 9, tzinfo=UTC), datetime(2031, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(client, engine, record_url, tmp_path / "post", f"digest-{tmp_path.name}") as office:
        yield office


async def digest(office: Office, at: datetime) -> list[ReceivedMessage]:
    """Run the Schedule's workflow at that instant, and return the mail sent."""
    await allow_scheduled_run(office.opener.engine, RunKind.DIGEST, at.date())
    client = at_virtual_start(office.opener.client, at)
    handle = await client.start_workflow(
        DigestWorkflow.run, id=f"digest-{uuid4()}", task_queue=operations_queue(office.opener.task_queue)
    )
    await advance_to(office.opener.client, handle.id, at)
    await handle.result()
    return [taken for taken in office.mail.messages if taken.message["Complaint-Reference"] is None]


async def test_the_lead_of_a_tier_gets_a_digest_on_a_working_day(office: Office) -> None:
    complaint = await office.opener.open()
    await complaint.advance_to(MONDAY - timedelta(hours=1))
    await office.settled(complaint)
    emails = {taken.recipients: taken for taken in await digest(office, MONDAY)}
    of_manager = emails[LEADS_OF_MANAGER]
    assert str(of_manager.message["Subject"]).startswith("Mon 10 Mar 2031: ")
    assert f"- {complaint.reference}: acknowledgement, due Wed 5 Mar 2031, held by m.okafor" in of_manager.text()
    assert of_manager.message_id == "<digest.manager.2031-03-10@example.org>"


async def test_nobody_gets_a_digest_on_a_day_that_is_no_working_day(office: Office) -> None:
    complaint = await office.opener.open()
    await complaint.advance_to(SUNDAY - timedelta(hours=1))
    await office.settled(complaint)
    assert await digest(office, SUNDAY) == []


async def test_the_schedule_sends_digests_each_morning_at_the_policys_hour(office: Office) -> None:
    described = await office.opener.client.get_schedule_handle("digest").describe()
    [calendar] = described.schedule.spec.calendars
    assert (calendar.hour[0].start, calendar.minute[0].start) == (9, 0)
    assert described.schedule.spec.time_zone_name == "Europe/London"
