"""One run over all open complaints after a calendar has changed: a batch at a time, each complaint once (R14)."""

from pydantic import BaseModel
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.recalendar import RecalendarActivities, RecalendarBatch, Tally
    from workflows import names, timeouts


class RecalendarRun(BaseModel):
    """Who had it done, and how far it is."""

    by: str
    total: int | None = None
    """None: not counted yet."""
    after: str = ""
    """The last complaint that was told."""
    tally: Tally = Tally()
    is_finished: bool = False


@workflow.defn(name=names.RECALENDAR)
class RecalendarWorkflow:
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
            if self._run.tally.seen == 0:
                references = references[:1]  # whoever may not do it is told by one complaint, and not by all
            batch = RecalendarBatch(references=references, by=self._run.by, run=workflow.info().first_execution_run_id)
            self._run.tally += await workflow.execute_activity_method(
                RecalendarActivities.redate,
                batch,
                summary=f"{references[0]} to {references[-1]}",
                **timeouts.REDATE,
            )
            self._run.after = references[-1]
            workflow.set_current_details(f"{self._run.tally.seen} of {self._run.total}")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._run)
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How far it is.")
    def progress(self) -> RecalendarRun:
        return self._run

    async def _next(self) -> list[str]:
        found: list[str] = await workflow.execute_activity_method(
            RecalendarActivities.find_stale,
            self._run.after,
            summary=f"the next after {self._run.after or 'none'}",
            **timeouts.FIND_STALE,
        )
        return found
