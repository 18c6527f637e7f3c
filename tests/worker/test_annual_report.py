"""A worker with a reports folder drafts each ended year once, for its Schedule."""

import json
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.policies.loader import load_policy
from complaints.procedure.dates.calendar import DAY
from complaints.records.personal.encryption import keys_of
from complaints.reports.period import Year
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.asked_runs import trigger_schedule
from worker.annual_report import report_worker
from worker.composition import make_operations_worker
from worker.schedules import ANNUAL_REPORT


async def draft(client: Client) -> list[str]:
    files: list[str] = await (await trigger_schedule(client, ANNUAL_REPORT)).result()
    return files


async def test_a_draft_of_the_year_that_has_ended(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    queue = f"reports-{uuid4()}"
    settings = WorkerSettings.read({"COMPLAINTS_TASK_QUEUE": queue, "COMPLAINTS_REPORTS": str(tmp_path)})
    year = Year.at(load_policy(), Year.at(load_policy(), now().date()).first - DAY)
    (tmp_path / f"words-{year.year}").mkdir()
    (tmp_path / f"words-{year.year}" / "foreword.txt").write_text("A quiet year.", encoding="utf-8")
    with suppress(RPCError):  # another test's, on another queue
        await client.get_schedule_handle(ANNUAL_REPORT).delete()
    async with (
        report_worker(settings, load_policy(), client, stack.database_url, keys_of(engine)) as drafts,
        drafts,
        make_operations_worker(client, engine, queue),
    ):
        written = await draft(client)
        assert written == [f"annual-{year.year}.{ending}" for ending in ("html", "pdf", "csv", "json")]
        report = json.loads((tmp_path / f"annual-{year.year}.json").read_text(encoding="utf-8"))
        assert (report["name"], report["is_running"]) == (year.name, False)
        assert report["words"] == {"foreword": "A quiet year."}
        assert await draft(client) == []
    [calendar] = (await client.get_schedule_handle(ANNUAL_REPORT).describe()).schedule.spec.calendars
    assert (calendar.month[0].start, calendar.day_of_month[0].start, calendar.hour[0].start) == (4, 1, 9)
