"""Each day, leads are alerted to open complaints with a stale calendar (R14)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.task_queues import operations_queue
from complaints.policies.loader import load_policy
from complaints.records.calendar_amendments import add_amendment
from complaints.records.tables import RunKind
from complaints.runtime.clock import now
from complaints.temporal.virtual_time import advance_to
from tests.fixtures.asked_runs import allow_scheduled_run
from tests.worker.delivery.delivery_worker import LEADS_OF_MANAGER, Office, open_office
from tests.workflows.complaint_driver import at_virtual_start
from workflows import names
from workflows.recalendar import CalendarCheckWorkflow, LaterRun, RecalendarLaterWorkflow

REGION = "northern-ireland"
HOLIDAY = date(2031, 3, 12)
SUNDAY, MONDAY, TUESDAY, FRIDAY = (datetime(2031, 3, day, 9, tzinfo=UTC) for day in (9, 10, 11, 14))


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(client, engine, record_url, tmp_path / "post", f"calendars-{tmp_path.name}") as office:
        yield office


async def looked(office: Office, at: datetime) -> list[str]:
    """Run the Schedule's workflow at that instant. Return the tiers whose leads were alerted."""
    await allow_scheduled_run(office.opener.engine, RunKind.CALENDAR_CHECK, at.date())
    client = at_virtual_start(office.opener.client, at)
    handle = await client.start_workflow(
        CalendarCheckWorkflow.run, id=f"check-{uuid4()}", task_queue=operations_queue(office.opener.task_queue)
    )
    await advance_to(office.opener.client, handle.id, at)
    return await handle.result()


async def test_the_leads_of_complaints_with_a_stale_calendar_are_alerted(office: Office, engine: AsyncEngine) -> None:
    policy = load_policy().model_copy(update={"region": REGION})
    complaint = await office.opener.open(policy=policy)
    await office.settled(complaint)
    assert await looked(office, SUNDAY) == []
    await add_amendment(engine, region=REGION, on=HOLIDAY, name="Funeral", by="op", at=now(), reason="Announced.")
    assert await looked(office, MONDAY) == ["manager"]
    [email] = [mail for mail in office.mail.messages if mail.message["Complaint-Reference"] is None]
    assert str(email.message["Subject"]) == "1 open complaint carries another calendar (manager)"
    assert email.recipients == LEADS_OF_MANAGER
    assert "- Wed 12 Mar 2031: Funeral (carried: a working day)" in email.text()
    assert "complaints recalendar --dry-run" in email.text()


async def test_nobody_is_alerted_while_a_run_recalculates_the_complaints(office: Office, engine: AsyncEngine) -> None:
    complaint = await office.opener.open(policy=load_policy().model_copy(update={"region": REGION}))
    await office.settled(complaint)
    struck = HOLIDAY.replace(year=2032, month=7, day=12)
    await add_amendment(engine, region=REGION, on=struck, name=None, by="op", at=now(), reason="It was moved.")
    later = LaterRun(run="an earlier run")
    run = await office.opener.client.start_workflow(
        RecalendarLaterWorkflow.run, later, id=names.RECALENDAR_LATER_ID, task_queue="nobody-polls"
    )
    assert await looked(office, TUESDAY) == []
    await run.terminate()
    assert await looked(office, FRIDAY) == ["manager"]


async def test_the_schedule_checks_each_morning(office: Office) -> None:
    described = await office.opener.client.get_schedule_handle("calendar-check").describe()
    [calendar] = described.schedule.spec.calendars
    assert (calendar.hour[0].start, calendar.minute[0].start) == (9, 0)
