"""The draft of the annual report, started by a Schedule when a year has ended."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.report import ReportActivities, queue_of
    from workflows import names, timeouts


@workflow.defn(name=names.ANNUAL_REPORT)
class AnnualReportWorkflow:
    @workflow.run
    async def run(self) -> list[str]:
        """The files that were written."""
        written: list[str] = await workflow.execute_activity_method(
            ReportActivities.draft,
            workflow.now(),
            task_queue=queue_of(workflow.info().task_queue),
            summary="draft of the annual report",
            **timeouts.DRAFT,
        )
        return written
