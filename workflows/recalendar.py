"""Check daily for complaints with a stale calendar, and recalculate them on command (R14)."""

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.calendar_check import CalendarCheckActivities
    from activities.delivery import delivery_queue
    from activities.recalendar import RecalendarActivities, RecalendarBatch, Tally
    from workflows import names, timeouts


class RecalendarRun(BaseModel):
    """The input of a run, and its progress."""

    by: str
    total: int | None = None
    """Complaints to recalculate; None: not counted yet."""
    after: str = ""
    """The last complaint processed."""
    tally: Tally = Tally()
    is_finished: bool = False


@workflow.defn(name=names.RECALENDAR)
class RecalendarWorkflow:
    """Recalculate all open complaints whose calendar is stale, in batches, each once."""

    @workflow.init
    def __init__(self, run: RecalendarRun) -> None:
        self._run = run

    @workflow.run
    async def run(self, run: RecalendarRun) -> RecalendarRun:  # noqa: ARG002 (read by __init__)
        if self._run.total is None:
            self._run.total = await workflow.execute_activity_method(
                RecalendarActivities.count_stale, summary="how many there are", **timeouts.FIND_STALE
            )
        while references := await self._next():
            if self._run.tally.processed == 0:
                references = references[:1]  # a person without permission is refused by one complaint, not by all
            batch = RecalendarBatch(references=references, by=self._run.by, run=workflow.info().first_execution_run_id)
            self._run.tally += await workflow.execute_activity_method(
                RecalendarActivities.redate,
                batch,
                summary=f"{references[0]} to {references[-1]}",
                **timeouts.REDATE,
            )
            self._run.after = references[-1]
            workflow.set_current_details(f"{self._run.tally.processed} of {self._run.total}")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._run)
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How many complaints are done, of how many.")
    def progress(self) -> RecalendarRun:
        return self._run

    async def _next(self) -> list[str]:
        references: list[str] = await workflow.execute_activity_method(
            RecalendarActivities.find_stale,
            self._run.after,
            summary=f"the next after {self._run.after or 'none'}",
            **timeouts.FIND_STALE,
        )
        return references


@workflow.defn(name=names.CALENDAR_CHECK)
class CalendarCheckWorkflow:
    """Alert leads to open complaints with a stale calendar, each day; started by a Schedule."""

    @workflow.run
    async def run(self) -> list[str]:
        """Return the tiers whose leads were alerted."""
        tiers: list[str] = await workflow.execute_activity_method(
            CalendarCheckActivities.check_calendars,
            workflow.now(),
            task_queue=delivery_queue(workflow.info().task_queue),
            summary="open complaints whose calendar is not the one in force",
            **timeouts.DELIVER,
        )
        return tiers
