"""Run every workflow but the complaint's, so that its histories can be recorded."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory

from activities.delivery import delivery_workflow_id
from activities.task_queues import operations_queue
from complaints.audit.signing import make_key
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records.calendar_amendments import add_amendment
from complaints.records.erasure import create_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.records.tables import RunKind
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from complaints.temporal.virtual_time import advance_to
from starter.client.start_run import RETENTION_ID
from tests.fixtures.asked_runs import (
    allow_scheduled_run,
    asked_later,
    asked_recalendar,
    asked_retention,
    trigger_schedule,
)
from tests.worker.delivery.delivery_worker import Office, open_office
from tests.workflows.complaint_driver import MONDAY, at_virtual_start
from worker.annual_report import report_worker
from worker.retention.start import retention_activities
from worker.schedules import ANNUAL_REPORT
from workflows import names
from workflows.digest import AuditRootWorkflow, DigestWorkflow
from workflows.erasure import ErasureInput, ErasureWorkflow, erasure_workflow_id
from workflows.recalendar import (
    CalendarCheckWorkflow,
    RecalendarLaterWorkflow,
    RecalendarWorkflow,
)
from workflows.retention import RetentionInput, RetentionWorkflow

NEXT_MONDAY = MONDAY + timedelta(days=7)
FIRST_OF_MARCH = datetime(2045, 3, 1, 9, tzinfo=UTC)
"""Of a year in which all complaints are past their retention."""
NOTICE = timedelta(days=31)
MONTH = (timedelta(days=1), NOTICE + timedelta(minutes=1))
REGION = "northern-ireland"
TASK_QUEUE = "office"

Write = Callable[[WorkflowHistory, str], Awaitable[None]]


async def record_other_workflows(
    client: Client, engine: AsyncEngine, database_url: str, folder: Path, write: Write
) -> None:
    """Run each workflow to its end, and pass its history to `write`.

    `folder` is for letters and reports.
    """
    reports = WorkerSettings.read({"COMPLAINTS_TASK_QUEUE": TASK_QUEUE, "COMPLAINTS_REPORTS": str(folder)})
    async with AsyncExitStack() as opened:
        further = await opened.enter_async_context(
            retention_activities(client, database_url, keys_of(engine), load_policy(), now, post_room=folder)
        )
        drafts = report_worker(reports, load_policy(), client, database_url, keys_of(engine))
        await opened.enter_async_context(await opened.enter_async_context(drafts))
        office = await opened.enter_async_context(
            open_office(
                client, engine, database_url, folder, TASK_QUEUE, further=further, further_settings=_audit_key(folder)
            )
        )
        await _record_deliveries(office, write)
        await allow_scheduled_run(engine, RunKind.DIGEST, NEXT_MONDAY.date())
        await _run(office, write, "digest", DigestWorkflow.run, at=NEXT_MONDAY, id="schedule/digest")
        await allow_scheduled_run(engine, RunKind.AUDIT_ROOT, NEXT_MONDAY.date())
        await _run(office, write, "audit-root", AuditRootWorkflow.run, at=NEXT_MONDAY, id="schedule/audit-root")
        await _record_calendar(office, write)
        await _record_report(office, write)
        await _record_retention(office, write)


def _audit_key(folder: Path) -> dict[str, str]:
    make_key(folder / "audit.key", folder / "audit.pub")
    return {"COMPLAINTS_AUDIT_KEY": str(folder / "audit.key")}


async def _record_deliveries(office: Office, write: Write) -> None:
    complaint = await office.opener.open()
    await complaint.do(acts.Acknowledge)
    deliveries = {delivery.occasion: delivery.key for delivery in await office.settled(complaint)}
    for occasion, key in deliveries.items():
        handle = office.opener.client.get_workflow_handle(delivery_workflow_id(key))
        await write(await handle.fetch_history(), f"delivery {occasion}")
    complaint = await office.opener.open()
    office.mail.inject("rcpt", "550 5.1.1 no such mailbox", times=100)
    await complaint.do(acts.Acknowledge)
    [letter] = await office.settled_letters(complaint)
    await office.when_recorded(complaint, "letter_held")
    handle = office.opener.client.get_workflow_handle(delivery_workflow_id(letter.key))
    await write(await handle.fetch_history(), "delivery held")
    office.mail.clear_faults()


async def _record_calendar(office: Office, write: Write) -> None:
    policy = load_policy().model_copy(update={"region": REGION})
    for _ in range(2):
        await office.opener.open(policy=policy)
    holiday, engine = date(2031, 3, 12), office.opener.engine
    await add_amendment(engine, region=REGION, on=holiday, name="Funeral", by="op", at=now(), reason="Announced.")
    await allow_scheduled_run(engine, RunKind.CALENDAR_CHECK, NEXT_MONDAY.date())
    await _run(office, write, "calendar-check", CalendarCheckWorkflow.run, at=NEXT_MONDAY, id="schedule/calendar-check")
    await _run(
        office,
        write,
        "recalendar",
        RecalendarWorkflow.run,
        await asked_recalendar(engine, "lead.manager"),
        id=names.RECALENDAR_ID,
    )
    later = await asked_later(engine, "lead.manager")
    await _run(office, write, "recalendar-later", RecalendarLaterWorkflow.run, later, id=names.RECALENDAR_LATER_ID)


async def _record_report(office: Office, write: Write) -> None:
    """Only the Schedule's own run drafts a report."""
    handle = await trigger_schedule(office.opener.client, ANNUAL_REPORT)
    await handle.result()
    await write(await handle.fetch_history(), "annual-report")


async def _record_retention(office: Office, write: Write) -> None:
    for _ in range(2):
        complaint = await office.opener.open()
        await complaint.do(acts.Withdraw)
        await office.settled(complaint)
    history = await complaint.wait_until_recorded()
    assert history.closed_at
    assert history.closing_reason
    request = ErasureRequest(
        reference=complaint.reference,
        asked_at=now(),
        by="lead.manager",
        why="They asked for it.",
        closed_at=history.closed_at,
        closing_reason=history.closing_reason,
    )
    await create_tombstone(office.opener.engine, request.reference, request.asked_at, request.by, request.why)
    await _run(
        office,
        write,
        "erasure",
        ErasureWorkflow.run,
        ErasureInput(reference=request.reference),
        id=erasure_workflow_id(complaint.reference),
    )
    engine = office.opener.engine
    await allow_scheduled_run(engine, RunKind.RETENTION, FIRST_OF_MARCH.date(), FIRST_OF_MARCH)
    await _run(
        office,
        write,
        "retention-with-notice",
        RetentionWorkflow.run,
        RetentionInput(),
        at=FIRST_OF_MARCH,
        after=MONTH,
        id="schedule/retention",
    )
    await _run(
        office,
        write,
        "retention-by-hand",
        RetentionWorkflow.run,
        await asked_retention(engine, "lead.manager"),
        id=RETENTION_ID,
    )


async def _run(
    office: Office,
    write: Write,
    name: str,
    workflow: Any,
    *arguments: object,
    at: datetime | None = None,
    after: Sequence[timedelta] = (),
    id: str | None = None,  # noqa: A002 (as Temporal names it)
) -> None:
    """Run a workflow to its end; with `at`, from that virtual instant, past those `after` it."""
    client = office.opener.client
    starter = at_virtual_start(client, at) if at else client
    handle = await starter.start_workflow(
        workflow, args=arguments, id=id or name, task_queue=operations_queue(TASK_QUEUE)
    )
    if at:
        for passed in (timedelta(), *after):
            await advance_to(client, handle.id, at + passed)
    await handle.result()
    await write(await client.get_workflow_handle(handle.id).fetch_history(), name)
