"""Check daily for complaints with a stale calendar, and recalculate them on command (R14)."""

import asyncio
from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from activities.asked_for import read_input, require_no_input
from activities.calendar_check import CalendarCheckActivities
from activities.recalendar import (
    ComparedComplaints,
    RecalendarActivities,
    RecalendarBatch,
    RecalendarClaim,
    Tally,
)
from activities.task_queues import complaint_queue, delivery_queue
from complaints.temporal.execution import execute_activity
from workflows import names, timeouts


class RecalendarRun(BaseModel):
    """The input of a run over the dates that change, and its progress."""

    run: str
    """Its id on the record, which has who asked for it."""
    by: str = ""
    """The member of staff who asked for it, from the record."""
    total: int | None = None
    """Complaints with a stale calendar, all to be compared; None: not counted yet."""
    affected: int = 0
    """Those found so far with a date that changes, which are recalculated."""
    later: int = 0
    """Those found so far that get the calendar only for later dates, after this run."""
    first: str | None = None
    """The first complaint compared."""
    after: str = ""
    """The last complaint processed."""
    tally: Tally = Tally()
    is_finished: bool = False


class LaterRun(BaseModel):
    """The input of a run for later dates, and its progress."""

    run: str
    """The id on the record of the run that this one completes."""
    total: int | None = None
    """Complaints that still have a stale calendar; None: not counted yet."""
    after: str = ""
    """The last complaint processed."""
    tally: Tally = Tally()
    is_finished: bool = False


@workflow.defn(name=names.RECALENDAR)
class RecalendarWorkflow:
    """Recalculate the open complaints of which a date changes, each once.

    The next complaints are compared while the last ones are recalculated.
    """

    def __init__(self) -> None:
        self._run = RecalendarRun(run="")

    @workflow.run
    async def run(self, *given: Any) -> RecalendarRun:
        """Return what was done. Fails with `not_asked_for` where nobody asked for the run."""
        self._run = read_input(given, RecalendarRun)
        if workflow.info().continued_run_id is None:
            self._run = RecalendarRun(run=self._run.run)  # nobody else knows what is done
        self._run.by = await _claim(self._run.run, workflow.info().first_execution_run_id)
        if self._run.total is None:
            self._run.total = await _count()
        compared = await self._compare(self._run.after)
        while True:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._run)
            following = asyncio.create_task(self._compare(compared.last)) if compared.last else None
            await self._recalculate(compared)
            if following is None:
                break
            compared = await following
        if self._run.later and self._run.first:
            if self._run.tally.processed == 0:
                await _redate(self._run.run, [self._run.first])  # refused here, the command can say so
            await execute_activity(
                RecalendarActivities.start_later,
                self._run.run,
                summary="the others, for later dates",
                **timeouts.START_LATER,
            )
        else:
            await _finish(self._run.run)
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How many complaints are done, of how many.")
    def progress(self) -> RecalendarRun:
        return self._run

    async def _compare(self, after: str) -> ComparedComplaints:
        compared: ComparedComplaints = await execute_activity(
            RecalendarActivities.compare_stale,
            after,
            summary=f"the next after {after or 'none'}",
            **timeouts.FIND_STALE,
        )
        return compared

    async def _recalculate(self, compared: ComparedComplaints) -> None:
        run = self._run
        run.first = run.first or compared.first
        run.affected += len(compared.affected)
        run.later += compared.later
        for references in _batches(compared.affected, is_first=run.tally.processed == 0):
            run.tally += await _redate(run.run, references)
        run.after = compared.last or run.after
        workflow.set_current_details(
            f"{run.tally.processed} of {run.affected} recalculated, {run.later} for later dates, of {run.total}"
        )


@workflow.defn(name=names.RECALENDAR_LATER)
class RecalendarLaterWorkflow:
    """Give the calendar in force to the other open complaints, slowly, each once.

    None of their dates changes, but later ones must count by that calendar.
    """

    def __init__(self) -> None:
        self._run = LaterRun(run="")

    @workflow.run
    async def run(self, *given: Any) -> LaterRun:
        """Return what was done. Fails with `not_asked_for` where nobody asked for the run."""
        self._run = read_input(given, LaterRun)
        if workflow.info().continued_run_id is None:
            self._run = LaterRun(run=self._run.run)
        await _claim(self._run.run, None)
        if self._run.total is None:
            self._run.total = await _count()
        while found := await self._next():
            for references in _batches(found, is_first=self._run.tally.processed == 0):
                self._run.tally += await _redate(self._run.run, references, is_urgent=False)
            self._run.after = found[-1]
            workflow.set_current_details(f"{self._run.tally.processed} of {self._run.total}")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._run)
        await _finish(self._run.run)
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How many complaints are done, of how many.")
    def progress(self) -> LaterRun:
        return self._run

    async def _next(self) -> list[str]:
        references: list[str] = await execute_activity(
            RecalendarActivities.find_stale,
            self._run.after,
            summary=f"the next after {self._run.after or 'none'}",
            **timeouts.FIND_STALE,
        )
        return references


async def _claim(run: str, workflow_run: str | None) -> str:
    by: str = await execute_activity(
        RecalendarActivities.claim_recalendar,
        RecalendarClaim(run=run, workflow_run=workflow_run),
        summary="who asked for it",
        **timeouts.FINISH_RUN,
    )
    return by


async def _count() -> int:
    number: int = await execute_activity(
        RecalendarActivities.count_stale, summary="how many there are", **timeouts.FIND_STALE
    )
    return number


async def _finish(run: str) -> None:
    await execute_activity(RecalendarActivities.finish_recalendar, run, **timeouts.FINISH_RUN)


async def _redate(run: str, references: list[str], *, is_urgent: bool = True) -> Tally:
    tally: Tally = await execute_activity(
        RecalendarActivities.redate,
        RecalendarBatch(run=run, references=references, is_urgent=is_urgent),
        summary=f"{references[0]} to {references[-1]}",
        **timeouts.REDATE,
    )
    return tally


def _batches(references: list[str], *, is_first: bool) -> list[list[str]]:
    """Return the batches; a person without permission is refused by one complaint, not by all."""
    batches = [references[:1], references[1:]] if is_first else [references]
    return [batch for batch in batches if batch]


@workflow.defn(name=names.CALENDAR_CHECK)
class CalendarCheckWorkflow:
    """Alert leads to open complaints with a stale calendar, each day; started by a Schedule."""

    @workflow.run
    async def run(self, *given: Any) -> list[str]:
        """Return the tiers whose leads were alerted.

        Fails with `not_asked_for` but for the day's first run.
        """
        require_no_input(given)
        tiers: list[str] = await execute_activity(
            CalendarCheckActivities.check_calendars,
            task_queue=delivery_queue(complaint_queue(workflow.info().task_queue)),
            summary="open complaints whose calendar is not the one in force",
            **timeouts.DELIVER,
        )
        return tiers
