"""Draft the annual report when a year has ended; started by a Schedule."""

from typing import Any

from temporalio import workflow

from activities.asked_for import require_no_input
from activities.report import ReportActivities
from activities.task_queues import complaint_queue, report_queue
from complaints.temporal.execution import execute_activity
from workflows import names, timeouts


@workflow.defn(name=names.ANNUAL_REPORT)
class AnnualReportWorkflow:
    @workflow.run
    async def run(self, *given: Any) -> list[str]:
        """Return the names of the files written. Fails with `not_asked_for` but for its Schedule."""
        require_no_input(given)
        files: list[str] = await execute_activity(
            ReportActivities.draft,
            task_queue=report_queue(complaint_queue(workflow.info().task_queue)),
            summary="draft of the annual report",
            **timeouts.DRAFT,
        )
        return files
