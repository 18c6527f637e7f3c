"""The daily look at the calendars that open complaints carry, started by a Schedule (R14)."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.calendar_check import CalendarCheckActivities
    from activities.delivery import queue_of
    from workflows import names, timeouts


@workflow.defn(name=names.CALENDAR_CHECK)
class CalendarCheckWorkflow:
    @workflow.run
    async def run(self) -> list[str]:
        """The tiers whose leads were told."""
        told: list[str] = await workflow.execute_activity_method(
            CalendarCheckActivities.check_calendars,
            workflow.now(),
            task_queue=queue_of(workflow.info().task_queue),
            summary="open complaints whose calendar is not the one in force",
            **timeouts.DELIVER,
        )
        return told
