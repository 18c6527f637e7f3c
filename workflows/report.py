"""Draft the annual report when a year has ended; started by a Schedule."""

from temporalio import workflow

from activities.report import ReportActivities
from activities.task_queues import complaint_queue, report_queue
from workflows import names, timeouts


@workflow.defn(name=names.ANNUAL_REPORT)
class AnnualReportWorkflow:
    @workflow.run
    async def run(self) -> list[str]:
        """Return the names of the files written."""
        files: list[str] = await workflow.execute_activity_method(
            ReportActivities.draft,
            workflow.now(),
            task_queue=report_queue(complaint_queue(workflow.info().task_queue)),
            summary="draft of the annual report",
            **timeouts.DRAFT,
        )
        return files
