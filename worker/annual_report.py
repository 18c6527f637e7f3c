"""Drafts the annual report into a folder, when a year has ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.report import ReportActivities, queue_of
from complaints.procedure.dates.calendar import DAY, zone
from complaints.procedure.policy import Policy
from complaints.records.database import make_engine
from complaints.settings import WorkerSettings
from worker.connections import CannotStartError
from worker.schedules import make_report_schedule


class Drafts:
    """Into `folder`; the Assessor's own words are taken from its folder `words-YEAR`, where there is one."""

    def __init__(self, engine: AsyncEngine, policy: Policy, folder: Path) -> None:
        self._engine = engine
        self._policy = policy
        self._folder = folder

    async def draft(self, now: datetime) -> list[str]:
        """Raises UnbalancedError, WordsError, RecordUnreachableError, RecordError, OSError."""
        from complaints.reports.annual import gather  # brings matplotlib, which most workers never need
        from complaints.reports.assessor_text import with_words
        from complaints.reports.period import Year
        from complaints.reports.report_files import files_of, name_of, put

        year = Year.at(self._policy, now.astimezone(zone(self._policy.time_zone)).date() - DAY)
        if await asyncio.to_thread((self._folder / f"{name_of(year.year)}.json").exists):
            return []
        gathered = await gather(self._engine, self._policy, year, now)
        words = self._folder / f"words-{year.year}"
        given = words if await asyncio.to_thread(words.is_dir) else None
        report = await with_words(self._engine, gathered, given)
        written = await asyncio.to_thread(lambda: put(files_of(report), self._folder))
        return [path.name for path in written]


@asynccontextmanager
async def report_worker(
    settings: WorkerSettings, policy: Policy, client: Client, engine: AsyncEngine
) -> AsyncIterator[None]:
    """While this lasts, drafts are made, if there is a folder for them. Raises CannotStartError."""
    if settings.reports is None:
        yield
        return
    if policy.annual_report is None:
        raise CannotStartError(f"COMPLAINTS_REPORTS: the policy {policy.id} has no annual report")
    async with AsyncExitStack() as opened:
        own = make_engine(engine.url.render_as_string(hide_password=False), pool_size=1, command_seconds=None)
        opened.push_async_callback(own.dispose)
        await make_report_schedule(client, policy, policy.annual_report.year_begins, settings.task_queue)
        activities = ReportActivities(Drafts(own, policy, settings.reports).draft)
        worker = Worker(
            client,
            task_queue=queue_of(settings.task_queue),
            activities=[activities.draft],
            max_concurrent_activities=1,
        )
        await opened.enter_async_context(worker)
        yield
