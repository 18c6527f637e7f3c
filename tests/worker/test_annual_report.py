"""A worker with a reports folder drafts the report of each ended year, once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.task_queues import operations_queue
from complaints.policies.loader import load_policy
from complaints.settings import WorkerSettings
from complaints.temporal.virtual_time import advance_to
from local.ephemeral_stack import EphemeralStack
from tests.workflows.complaint_driver import at_virtual_start
from worker.annual_report import report_worker
from worker.composition import make_operations_worker
from workflows.report import AnnualReportWorkflow

FIRST_OF_APRIL = datetime(2033, 4, 1, 8, tzinfo=UTC)


async def draft(client: Client, task_queue: str) -> list[str]:
    at = at_virtual_start(client, FIRST_OF_APRIL)
    handle = await at.start_workflow(
        AnnualReportWorkflow.run, id=f"draft-{uuid4()}", task_queue=operations_queue(task_queue)
    )
    await advance_to(client, handle.id, FIRST_OF_APRIL)
    return await handle.result()


async def test_a_draft_of_the_year_that_has_ended(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    queue = f"reports-{uuid4()}"
    settings = WorkerSettings.read({"COMPLAINTS_TASK_QUEUE": queue, "COMPLAINTS_REPORTS": str(tmp_path)})
    (tmp_path / "words-2032").mkdir()
    (tmp_path / "words-2032" / "foreword.txt").write_text("A quiet year.", encoding="utf-8")
    async with (
        report_worker(settings, load_policy(), client, stack.database_url),
        make_operations_worker(client, engine, queue),
    ):
        written = await draft(client, queue)
        assert written == [f"annual-2032.{ending}" for ending in ("html", "pdf", "csv", "json")]
        report = json.loads((tmp_path / "annual-2032.json").read_text(encoding="utf-8"))
        assert (report["name"], report["is_running"], report["drafted_on"]) == ("2032/33", False, "2033-04-01")
        assert report["words"] == {"foreword": "A quiet year."}
        assert await draft(client, queue) == []
    [calendar] = (await client.get_schedule_handle("annual-report").describe()).schedule.spec.calendars
    assert (calendar.month[0].start, calendar.day_of_month[0].start, calendar.hour[0].start) == (4, 1, 9)
