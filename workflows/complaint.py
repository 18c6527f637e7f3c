"""One durable workflow per complaint: the procedure's clock and hands. What is to be done, the procedure decides."""

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.calendar import CalendarActivities, FurtherYears
    from complaints.procedure.acts import Act
    from complaints.procedure.complaint import DONE, Complaint
    from complaints.procedure.dates.ledgers import LedgerView, ledgers_of
    from complaints.procedure.directory_lookup import NOT_CHECKED
    from complaints.procedure.state import Answer
    from complaints.procedure.views.views import (
        ComplaintHistory,
        ComplaintView,
        complaint_history_of,
        transition_since,
        view_of,
    )
    from complaints.temporal.search_attributes import attributes_of, no_op_update, updates_between
    from workflows import names, timeouts
    from workflows.clock import Clock, Timer
    from workflows.current_details import render_details
    from workflows.inbox import Inbox
    from workflows.input import ComplaintInput
    from workflows.record_transition import record_transition
    from workflows.signal_parsing import CANCELLATION, parse_signal
    from workflows.telemetry import report_events, report_refusal
    from workflows.update_handlers import add_update_handlers


@workflow.defn(name=names.WORKFLOW)
@add_update_handlers
class ComplaintWorkflow:
    """Waits for acts and for the next instant at which something falls due, until the complaint needs it no more."""

    @workflow.init
    def __init__(self, given: ComplaintInput) -> None:
        self.clock = Clock()
        if given.resumed:
            spublishedomplaint = Complaint(given.resumed)
            self.recorded = self.observed = given.resumed.sequence
        else:
            assert given.start
            self.complaint = Complaint.open(given.start, self.clock.now())
            self.recorded = self.observed = 0
        self.shown = 0
        self.search_attributes = workflow.info().typed_search_attributes
        self.local_activity_lock = asyncio.Lock()
        """One thing at a time is done beside the workflow task: so what comes of it keeps its order."""
        self.inbox = Inbox(self.complaint, self.clock, self.local_activity_lock, self.complaint.state.sequence)
        self.recording: asyncio.Task[int] | None = None

    @workflow.run
    async def run(self, given: ComplaintInput) -> ComplaintView:  # noqa: ARG002 (read by __init__)
        """Lives on when it is told to cancel: that is no act, and would take the complaint's deadlines from it."""
        life = asyncio.create_task(self._loop())
        while True:
            try:
                return await asyncio.shield(life)
            except asyncio.CancelledError:
                if life.done():
                    raise
                self.inbox.enqueue(CANCELLATION)

    async def _loop(self) -> ComplaintView:
        """In rounds, each after something came, an instant at which something was due, a recording, or an answer.

        All commands are given here, one after another and in this order, so that they stay the same when Temporal
        hands a worker that takes over several workflow tasks as one.
        """
        while True:
            self._finish_recording()
            self.inbox.process()
            if self._is_idle():
                if self._is_retired():
                    return view_of(self.complaint)
                if workflow.info().is_continue_as_new_suggested():
                    workflow.continue_as_new(ComplaintInput(resumed=self.complaint.state))
            while self.complaint.calendar_due_at() <= self.clock.now():
                await self._fetch_calendar()
            self._publish()
            await self.clock.set_timer(self._next_timer())
            if await self.inbox.authorise_pending():
                continue
            self._start_recording()
            self.inbox.loop_is_waiting = True
            await workflow.wait_condition(self._has_work)
            self.inbox.loop_is_waiting = False

    def _has_work(self) -> bool:
        return self.inbox.has_work() or self.clock.has_fired() or (self.recording is not None and self.recording.done())

    def validate_act(self, act: Act) -> None:
        """Every update's validator. Raises what its sender hears, and leaves no trace in the history.

        Who may act it cannot ask; nor can it tell what will be once that which waits has taken effect.
        """
        if act.id in self.complaint.state.answers or not self.inbox.is_empty:
            return
        refusal = self.complaint.may(act, self.clock.now(), NOT_CHECKED)
        if refusal and not refusal.is_recorded:
            report_refusal(act, refusal)
            raise ApplicationError(refusal.sentence, type=refusal.code, non_retryable=True)

    async def handle_act(self, act: Act) -> Answer:
        """Every update's handler: the act takes effect and is answered; the record follows."""
        answer = self.complaint.state.answers.get(act.id) or await self.inbox.enqueue(act, is_update=True)
        if answer.code != DONE:
            raise ApplicationError(answer.sentence, type=answer.code, non_retryable=True)
        return answer

    @workflow.signal(dynamic=True)
    def handle_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """The door for all signals: each is an act, or a refusal on the record; none is dropped, none wedges."""
        self.inbox.enqueue(parse_signal(name, args))

    @workflow.query(name=names.STATE_QUERY, description="Where the complaint stands, and how it came there.")
    def state(self) -> ComplaintHistory:
        return complaint_history_of(self.complaint)

    @workflow.query(name=names.EXPLAIN_QUERY, description="Why each deadline is when it is: the ledger of its days.")
    def explain(self) -> list[LedgerView]:
        return ledgers_of(self.complaint)

    def _next_timer(self) -> Timer | None:
        """The next instant at which there is anything to do."""
        due = self.complaint.next_due()
        retires_at = self.complaint.retires_at()
        wakes = [Timer(self.complaint.calendar_due_at(), "the calendar needs further years")]
        if due:
            wakes.append(Timer(due.at, due.summary))
        if retires_at:
            wakes.append(Timer(retires_at, "closed for good"))
        now = self.clock.now()
        return min((wake for wake in wakes if wake.at > now), default=None)

    def _is_retired(self) -> bool:
        retires_at = self.complaint.retires_at()
        return retires_at is not None and retires_at <= self.clock.now()

    def _is_idle(self) -> bool:
        """Nothing may be under way or unrecorded when a run ends."""
        is_answered = workflow.all_handlers_finished() and self.inbox.is_empty
        return is_answered and self.recorded == self.complaint.state.sequence

    async def _fetch_calendar(self) -> None:
        further = await workflow.execute_activity_method(
            CalendarActivities.fetch_calendar,
            FurtherYears(policy=self.complaint.state.policy, calendar=self.complaint.state.calendar),
            summary="holidays of further years",
            **timeouts.FETCH_CALENDAR,
        )
        self.complaint.extend_calendar(further, self.inbox.effective_now())
        self.inbox.mark_external()

    def _publish(self) -> None:
        """Operators see where it stands: one upsert for all that came together, of what has changed.
published
        Not one for each: ten thousand signals must fit into the two seconds that a workflow task may take. And one also
        where nothing has cpublishedd: a task that gives no command may be joined with the next one when it is told again,
        and what came in it would come at another time. To set the timer, as a run's first round does, and the
        direcpublisheds answer are commands too.
        """
        if self.complaint.state.sequence == self.shown and not self.inbox.needs_marker_command:
            return
        has_command = self.shown == 0 or self.inbox.task_has_local_activity
        report_events(self.complaint.state, self.observed)
        self.shown = self.observed = self.complaint.state.sequence
        workflow.set_current_details(render_details(self.complaint, self.clock.now()))
        wanted = attributes_of(view_of(self.complaint))
        updates = updates_between(self.search_attributes, wanted)
        if updates or not has_command:
            workflow.upsert_search_attributes(updates or no_op_update(wanted))
            self.search_attributes = wanted
        self.inbox.needs_marker_command = False

    def _start_recording(self) -> None:
        """PostgreSQL follows, in order and in batches."""
        if self.recording is None and self.complaint.state.sequence > self.recorded:
            transition = transition_since(self.complaint, self.recorded)
            self.recording = asyncio.create_task(
                record_transition(
                    transition,
                    is_timer_driven=self.inbox.last_external_event <= self.recorded,
                    lock=self.local_activity_lock,
                )
            )

    def _finish_recording(self) -> None:
        if self.recording and self.recording.done():
            self.recorded = self.recording.result()
            self.recording = None
            self.complaint.discard_recorded(self.recorded)
