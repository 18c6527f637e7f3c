"""One durable workflow per complaint: the procedure's clock and hands. What is to be done, the procedure decides."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Self

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from workflows import names, timeouts
from workflows.acts_as_updates import takes_acts

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, model_validator

    from activities.calendar import CalendarActivities, FurtherYears
    from complaints.procedure.acts import Act
    from complaints.procedure.complaint import DONE, Complaint
    from complaints.procedure.fields import DISCREET
    from complaints.procedure.state import Answer, ComplaintState, Start
    from complaints.procedure.view import (
        ComplaintStory,
        ComplaintView,
        LedgerView,
        ledgers_of,
        story_of,
        transition_since,
        view_of,
    )
    from workflows.attributes import attributes_of, updates_between
    from workflows.details import details_of
    from workflows.observing import Observer, observe_refusal
    from workflows.recording import record
    from workflows.signals import CANCELLATION, Unreadable, read_signal


class ComplaintInput(BaseModel):
    """A new complaint's start, or the state of one that continues as new."""

    model_config = DISCREET

    start: Start | None = None
    resumed: ComplaintState | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.start is None) == (self.resumed is None):
            raise ValueError("give exactly one of start, resumed")
        return self


@workflow.defn(name=names.WORKFLOW)
@takes_acts
class ComplaintWorkflow:
    """Waits for acts and for the next instant at which something falls due, until the complaint needs it no more."""

    @workflow.init
    def __init__(self, given: ComplaintInput) -> None:
        if given.resumed:
            self.complaint = Complaint(given.resumed)
            self.recorded = given.resumed.sequence
        else:
            assert given.start
            self.complaint = Complaint.open(given.start, workflow.now())
            self.recorded = 0
        self.shown = 0

    @workflow.run
    async def run(self, given: ComplaintInput) -> ComplaintView:  # noqa: ARG002 (read by __init__)
        """Lives on when it is told to cancel: that is no act, and would take the complaint's deadlines from it."""
        life = asyncio.create_task(self._live())
        while True:
            try:
                return await asyncio.shield(life)
            except asyncio.CancelledError:
                if life.done():
                    raise
                self._refuse(CANCELLATION)

    async def _live(self) -> ComplaintView:
        keeping = asyncio.gather(
            self._keep_record(), self._keep_shown(), Observer(self.complaint.state, self.recorded).observe()
        )
        while not (self._is_over() and self._is_settled()):
            if self._is_to_continue_as_new():
                workflow.continue_as_new(ComplaintInput(resumed=self.complaint.state))
            while self.complaint.calendar_due_at() <= workflow.now():
                await self._fetch_calendar()
            await self._wait(keeping)
            self.complaint.elapse(workflow.now())
        return view_of(self.complaint)

    def check(self, act: Act) -> None:
        """Every update's validator. Raises what its sender hears, and leaves no trace in the history."""
        if act.id in self.complaint.state.answers:
            return
        refusal = self.complaint.may(act, workflow.now())
        if refusal and not refusal.is_recorded:
            observe_refusal(act, refusal)
            raise ApplicationError(refusal.sentence, type=refusal.code, non_retryable=True)

    def take(self, act: Act) -> Answer:
        """Every update's handler: the act takes effect and is answered at once; the record follows."""
        answer = self.complaint.apply(act, workflow.now())
        if answer.code != DONE:
            raise ApplicationError(answer.sentence, type=answer.code, non_retryable=True)
        return answer

    @workflow.signal(dynamic=True)
    def receive(self, name: str, args: Sequence[RawValue]) -> None:
        """The door for all signals: each is an act, or a refusal on the record; none is dropped, none wedges."""
        given = read_signal(name, args)
        if isinstance(given, Unreadable):
            self._refuse(given)
        else:
            self.complaint.apply(given, workflow.now())

    @workflow.query(name=names.STATE_QUERY, description="Where the complaint stands, and how it came there.")
    def state(self) -> ComplaintStory:
        return story_of(self.complaint)

    @workflow.query(name=names.EXPLAIN_QUERY, description="Why each deadline is when it is: the ledger of its days.")
    def explain(self) -> list[LedgerView]:
        return ledgers_of(self.complaint)

    def _refuse(self, given: Unreadable) -> None:
        self.complaint.refuse(given.name, None, given.code, given.sentence, workflow.now())

    def _next_wake(self) -> tuple[datetime, str] | None:
        """The next instant at which there is anything to do, and what, for an operator."""
        due = self.complaint.next_due()
        retires_at = self.complaint.retires_at()
        wakes = [(self.complaint.calendar_due_at(), "the calendar needs further years")]
        if due:
            wakes.append((due.at, due.summary))
        if retires_at:
            wakes.append((retires_at, "closed for good"))
        return min((wake for wake in wakes if wake[0] > workflow.now()), default=None)

    async def _wait(self, keeping: asyncio.Future[tuple[None, None, None]]) -> None:
        """Until the next instant at which anything is due; sooner if an act has moved it, or the run may end."""
        wake = self._next_wake()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: (
                    self._next_wake() != wake
                    or keeping.done()
                    or (self._is_over() and self._is_settled())
                    or self._is_to_continue_as_new()
                ),
                timeout=wake and wake[0] - workflow.now(),
                timeout_summary=wake and wake[1],
            )
        if keeping.done():
            keeping.result()

    def _is_over(self) -> bool:
        retires_at = self.complaint.retires_at()
        return retires_at is not None and retires_at <= workflow.now()

    def _is_settled(self) -> bool:
        """Nothing may be under way or unrecorded when a run ends."""
        return workflow.all_handlers_finished() and self.recorded == self.complaint.state.sequence

    def _is_to_continue_as_new(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() and self._is_settled()

    async def _fetch_calendar(self) -> None:
        further = await workflow.execute_activity_method(
            CalendarActivities.fetch_calendar,
            FurtherYears(policy=self.complaint.state.policy, calendar=self.complaint.state.calendar),
            summary="holidays of further years",
            **timeouts.FETCH_CALENDAR,
        )
        self.complaint.extend_calendar(further, workflow.now())

    async def _keep_record(self) -> None:
        """PostgreSQL follows, in order and in batches."""
        while True:
            await workflow.wait_condition(lambda: self.complaint.state.sequence > self.recorded)
            transition = transition_since(self.complaint, self.recorded)
            await record(transition)
            self.recorded = transition.view.sequence
            self.complaint.recorded(self.recorded)

    async def _keep_shown(self) -> None:
        """Operators see where it stands: one upsert for all that came together, and only of what has changed.

        Not one for each: ten thousand signals must fit into the two seconds that a workflow task may take.
        """
        held = workflow.info().typed_search_attributes
        while True:
            await workflow.wait_condition(lambda: self.complaint.state.sequence > self.shown)
            self.shown = self.complaint.state.sequence
            workflow.set_current_details(details_of(self.complaint, workflow.now()))
            wanted = attributes_of(view_of(self.complaint))
            if updates := updates_between(held, wanted):
                workflow.upsert_search_attributes(updates)
                held = wanted
