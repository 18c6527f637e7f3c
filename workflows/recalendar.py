"""Check daily for complaints with a stale calendar, and recalculate them on command (R14)."""

import asyncio

from pydantic import BaseModel
from temporalio import workflow

from activities.calendar_check import CalendarCheckActivities
from activities.recalendar import (
    ComparedComplaints,
    RecalendarActivities,
    RecalendarBatch,
    RecalendarRequest,
    Tally,
)
from activities.task_queues import complaint_queue, delivery_queue
from workflows import names, timeouts


class RecalendarRun(BaseModel):
    """The input of a run over the dates that change, and its progress."""

    by: str
    asked_in: int = 0
    """The number of the event by which the record asks for the run; without one, nothing is done."""
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

    by: str
    asked_in: int = 0
    """As of the run over the dates that change."""
    run: str
    """The id of the run over the dates that change, for the acts' ids."""
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

    @workflow.init
    def __init__(self, run: RecalendarRun) -> None:
        self._run = run

    @workflow.run
    async def run(self, run: RecalendarRun) -> RecalendarRun:  # noqa: ARG002 (read by __init__)
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
            request = RecalendarRequest(by=self._run.by, asked_in=self._run.asked_in, run=_first_run_id())
            if self._run.tally.processed == 0:
                await _redate(request, [self._run.first])  # refused here, the command can say so
            await workflow.execute_activity_method(
                RecalendarActivities.start_later, request, summary="the others, for later dates", **timeouts.START_LATER
            )
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How many complaints are done, of how many.")
    def progress(self) -> RecalendarRun:
        return self._run

    async def _compare(self, after: str) -> ComparedComplaints:
        compared: ComparedComplaints = await workflow.execute_activity_method(
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
        request = RecalendarRequest(by=run.by, asked_in=run.asked_in, run=_first_run_id())
        for references in _batches(compared.affected, is_first=run.tally.processed == 0):
            run.tally += await _redate(request, references)
        run.after = compared.last or run.after
        workflow.set_current_details(
            f"{run.tally.processed} of {run.affected} recalculated, {run.later} for later dates, of {run.total}"
        )


@workflow.defn(name=names.RECALENDAR_LATER)
class RecalendarLaterWorkflow:
    """Give the calendar in force to the other open complaints, slowly, each once.

    None of their dates changes, but later ones must count by that calendar.
    """

    @workflow.init
    def __init__(self, run: LaterRun) -> None:
        self._run = run

    @workflow.run
    async def run(self, run: LaterRun) -> LaterRun:  # noqa: ARG002 (read by __init__)
        if self._run.total is None:
            self._run.total = await _count()
        request = RecalendarRequest(by=self._run.by, asked_in=self._run.asked_in, run=self._run.run)
        while found := await self._next():
            for references in _batches(found, is_first=self._run.tally.processed == 0):
                self._run.tally += await _redate(request, references, is_urgent=False)
            self._run.after = found[-1]
            workflow.set_current_details(f"{self._run.tally.processed} of {self._run.total}")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._run)
        self._run.is_finished = True
        return self._run

    @workflow.query(name=names.PROGRESS_QUERY, description="How many complaints are done, of how many.")
    def progress(self) -> LaterRun:
        return self._run

    async def _next(self) -> list[str]:
        references: list[str] = await workflow.execute_activity_method(
            RecalendarActivities.find_stale,
            self._run.after,
            summary=f"the next after {self._run.after or 'none'}",
            **timeouts.FIND_STALE,
        )
        return references


async def _count() -> int:
    number: int = await workflow.execute_activity_method(
        RecalendarActivities.count_stale, summary="how many there are", **timeouts.FIND_STALE
    )
    return number


async def _redate(request: RecalendarRequest, references: list[str], *, is_urgent: bool = True) -> Tally:
    tally: Tally = await workflow.execute_activity_method(
        RecalendarActivities.redate,
        RecalendarBatch(**request.model_dump(), references=references, is_urgent=is_urgent),
        summary=f"{references[0]} to {references[-1]}",
        **timeouts.REDATE,
    )
    return tally


def _batches(references: list[str], *, is_first: bool) -> list[list[str]]:
    """Return the batches; a person without permission is refused by one complaint, not by all."""
    batches = [references[:1], references[1:]] if is_first else [references]
    return [batch for batch in batches if batch]


def _first_run_id() -> str:
    return workflow.info().first_execution_run_id


@workflow.defn(name=names.CALENDAR_CHECK)
class CalendarCheckWorkflow:
    """Alert leads to open complaints with a stale calendar, each day; started by a Schedule."""

    @workflow.run
    async def run(self) -> list[str]:
        """Return the tiers whose leads were alerted."""
        tiers: list[str] = await workflow.execute_activity_method(
            CalendarCheckActivities.check_calendars,
            workflow.now(),
            task_queue=delivery_queue(complaint_queue(workflow.info().task_queue)),
            summary="open complaints whose calendar is not the one in force",
            **timeouts.DELIVER,
        )
        return tiers
