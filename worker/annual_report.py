"""Draft the annual report into a folder when a year has ended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker

from activities.report import ReportActivities
from activities.task_queues import report_queue
from complaints.encryption.data_keys import KeyRing
from complaints.procedure.dates.calendar import DAY, zone
from complaints.procedure.policy import Policy
from complaints.reports.charts.availability import NEEDS_MATPLOTLIB, can_draw
from complaints.runtime.service import StartupError, open_engine
from complaints.settings import WorkerSettings
from worker.composition import DRAINING_TIMEOUT
from worker.database_connections import REPORT_CONNECTIONS
from worker.scheduled_runs import ScheduledRuns
from worker.schedules import ANNUAL_REPORT, make_report_schedule
from worker.versioning import version_options


class ReportDrafter:
    """Write drafts into `folder`, with the Assessor's texts from its `words-YEAR` if present."""

    def __init__(self, client: Client, engine: AsyncEngine, policy: Policy, folder: Path) -> None:
        self._runs = ScheduledRuns(client, engine)
        self._engine = engine
        self._policy = policy
        self._folder = folder

    async def draft(self, now: datetime, workflow_run: str) -> list[str]:
        """Draft the last year that has ended. Return the names of the files.

        Raises NotAskedForError, RPCError, UnbalancedError, AssessorTextError, RecordUnreachableError, RecordError,
        OSError.
        """
        from complaints.reports.annual import build_report  # loads matplotlib, which few workers need
        from complaints.reports.assessor_text import add_assessor_text, read_texts
        from complaints.reports.period import Year
        from complaints.reports.report_files import file_stem, render_files, write_files

        await self._runs.require(ANNUAL_REPORT, workflow_run)
        running = Year.at(self._policy, now.astimezone(zone(self._policy.time_zone)).date())
        year = Year.at(self._policy, running.first - DAY)
        if await asyncio.to_thread((self._folder / f"{file_stem(year.year)}.json").exists):
            return []
        figures = await build_report(self._engine, self._policy, year, now)
        texts = self._folder / f"words-{year.year}"
        assessor_texts = await asyncio.to_thread(read_texts, texts) if await asyncio.to_thread(texts.is_dir) else None
        report = await add_assessor_text(self._engine, figures, assessor_texts)
        files = await asyncio.to_thread(lambda: write_files(render_files(report), self._folder))
        return [path.name for path in files]


@asynccontextmanager
async def report_worker(
    settings: WorkerSettings,
    policy: Policy,
    client: Client,
    database_url: str,
    keys: KeyRing,
    *,
    version: WorkerDeploymentVersion | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> AsyncIterator[Worker]:
    """Return the worker of drafts, not started yet.

    The drafts go into the folder COMPLAINTS_REPORTS. Raises StartupError.
    """
    if settings.reports is None:
        raise StartupError("COMPLAINTS_REPORTS: not set; give a folder for the draft of the annual report")
    if policy.annual_report is None:
        raise StartupError(f"COMPLAINTS_REPORTS: the policy {policy.id} has no annual report; unset it")
    if not can_draw():
        raise StartupError(f"COMPLAINTS_REPORTS: {NEEDS_MATPLOTLIB}")
    async with AsyncExitStack() as opened:
        engine = await opened.enter_async_context(
            open_engine(
                database_url, keys=keys, pool="reports", pool_size=REPORT_CONNECTIONS, command_timeout_seconds=None
            )
        )
        await make_report_schedule(client, policy, policy.annual_report.year_begins, settings.task_queue)
        activities = ReportActivities(ReportDrafter(client, engine, policy, settings.reports).draft)
        yield Worker(
            client,
            task_queue=report_queue(settings.task_queue),
            activities=[activities.draft],
            max_concurrent_activities=1,
            graceful_shutdown_timeout=DRAINING_TIMEOUT,
            on_fatal_error=on_fatal_error,
            **version_options(version),
        )
