"""Run one complaint.

`complaints.procedure` makes every decision. This workflow waits for acts and timers, applies them, and schedules the
activities that follow.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.asked_for import NotAskedForError
from activities.calendar import CalendarActivities, CalendarRequest
from complaints.procedure.acts import Act
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.ledgers import LedgerView, ledgers_of
from complaints.procedure.directory_lookup import NOT_CHECKED
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import Answer
from complaints.procedure.views.chain_view import ChainView, chain_of
from complaints.procedure.views.views import (
    ComplaintHistory,
    ComplaintView,
    complaint_history_of,
    transition_since,
    view_of,
)
from complaints.temporal.execution import execute_activity
from complaints.temporal.search_attributes import attributes_of, no_op_update, updates_between
from workflows import names, timeouts
from workflows.clock import Clock, Timer
from workflows.current_details import render_details
from workflows.inbox import Inbox
from workflows.input import ComplaintInput
from workflows.record_transition import Recorded, record_transition
from workflows.replay_invariant import ReplayInvariant
from workflows.signal_parsing import CANCELLATION, parse_signal
from workflows.telemetry import report_events, report_refusal
from workflows.update_handlers import add_update_handlers


@workflow.defn(name=names.WORKFLOW)
@add_update_handlers
class ComplaintWorkflow:
    """The workflow of one complaint, from its start to the end of its reopening period."""

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        self.clock = Clock()
        if start.resumed:
            self.complaint = Complaint(start.resumed)
            self.recorded = self.observed = start.resumed.sequence
            if start.revival:
                self.complaint.revive(start.revival.recorded, self.clock.now())
        else:
            assert start.start
            self.complaint = Complaint.open(start.start, self.clock.now())
            self.recorded = self.observed = 0
        self.published = 0
        self.search_attributes = workflow.info().typed_search_attributes
        self.local_activity_lock = asyncio.Lock()
        """One local activity runs at a time, so that their results arrive in one order."""
        self.invariant = ReplayInvariant(self.complaint.state.sequence)
        self.inbox = Inbox(self.complaint, self.clock, self.local_activity_lock, self.invariant)
        self.recording: asyncio.Task[Recorded] | None = None
        self.forked_since: datetime | None = None
        for pending in start.revival.pending if start.revival else ():
            # Before any update of the first task: they came earlier. That task has the first timer as its command.
            self.inbox.enqueue(pending.act(), is_update=True)

    @workflow.run
    async def run(self, start: ComplaintInput) -> ComplaintView:  # noqa: ARG002 (read by __init__)
        """Run until the complaint retires.

        A cancellation is recorded as refused, because it would end the complaint's deadlines.
        Fails with `not_asked_for` where the workflow's id is not the complaint's reference.
        """
        if self.complaint.state.reference != workflow.info().workflow_id:
            raise NotAskedForError(f"{workflow.info().workflow_id} is not the complaint's reference")
        loop = asyncio.create_task(self._loop())
        while True:
            try:
                return await asyncio.shield(loop)
            except asyncio.CancelledError:
                if loop.done():
                    raise
                self.inbox.enqueue(CANCELLATION)

    async def _loop(self) -> ComplaintView:
        """Iterate after each input, timer, recording or directory result.

        Issue commands here, in this order, so that it stays the same when Temporal gives another worker several
        workflow tasks as one. Exception: `Inbox.enqueue`, while the loop is blocked.
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
            self.invariant.loop_is_waiting = True
            await workflow.wait_condition(self._has_work)
            self.invariant.loop_is_waiting = False

    def _has_work(self) -> bool:
        return self.inbox.has_work() or self.clock.has_fired() or (self.recording is not None and self.recording.done())

    def validate_act(self, act: Act) -> None:
        """Validate an update. Raises ApplicationError for a refusal.

        Only a signal says when it was sent, and only the delivery workflow, which signals, reports as the product.
        A refusal here leaves no trace in the history. A validator cannot query the directory. If acts are waiting,
        it accepts the update, as it cannot foresee their effect.
        """
        refusal = _refuse_signals_fields(act) or self.complaint.taken_id(act)
        if not refusal:
            if act.id in self.complaint.state.answers or not self.inbox.is_empty:
                return
            refusal = self.complaint.may(act, self.clock.now(), NOT_CHECKED)
        if refusal and not refusal.is_recorded:
            report_refusal(act, refusal)
            raise ApplicationError(refusal.sentence, type=refusal.code, non_retryable=True)

    async def handle_act(self, act: Act) -> Answer:
        """Handle an update: apply the act and return its answer, before PostgreSQL is updated."""
        answer = self.complaint.state.answers.get(act.id)
        if answer is None or self.complaint.taken_id(act):
            answer = await self.inbox.enqueue(act, is_update=True)
        if answer.code != DONE:
            raise ApplicationError(answer.sentence, type=answer.code, non_retryable=True)
        return answer

    @workflow.signal(dynamic=True)
    def handle_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Handle every signal: apply an act, or record a refusal.

        No signal is dropped, and none blocks the workflow.
        """
        self.inbox.enqueue(parse_signal(name, args))

    @workflow.query(name=names.STATE_QUERY, description="The state of the complaint, with its events.")
    def state(self) -> ComplaintHistory:
        return complaint_history_of(self.complaint)

    @workflow.query(
        name=names.EXPLAIN_QUERY, description="Each deadline's ledger: the days counted and skipped, and why."
    )
    def explain(self) -> list[LedgerView]:
        return ledgers_of(self.complaint)

    @workflow.query(name=names.ANSWER_QUERY, description="The answer to the act with this id; none: it has not come.")
    def answer(self, act_id: str) -> Answer | None:
        return self.complaint.state.answers.get(act_id)

    @workflow.query(name=names.CHAIN_QUERY, description="The chain of its events, with which an audit compares.")
    def chain(self) -> ChainView:
        return chain_of(self.complaint, self.recorded)

    @workflow.query(name=names.WAITING_QUERY, description="Whether the act with this id has come and is not answered.")
    def waits(self, act_id: str) -> bool:
        return self.inbox.has_act(act_id)

    def _next_timer(self) -> Timer | None:
        due = self.complaint.next_due()
        retires_at = self.complaint.retires_at()
        timers = [Timer(self.complaint.calendar_due_at(), "the calendar needs further years")]
        if due:
            timers.append(Timer(due.at, due.summary))
        if retires_at:
            timers.append(Timer(retires_at, "closed for good"))
        now = self.clock.now()
        return min((timer for timer in timers if timer.at > now), default=None)

    def _is_retired(self) -> bool:
        retires_at = self.complaint.retires_at()
        return retires_at is not None and retires_at <= self.clock.now()

    def _is_idle(self) -> bool:
        """Return whether the run may end: nothing waits, and everything is recorded."""
        is_answered = workflow.all_handlers_finished() and self.inbox.is_empty
        return is_answered and self.recorded == self.complaint.state.sequence

    async def _fetch_calendar(self) -> None:
        further = await execute_activity(
            CalendarActivities.fetch_calendar,
            CalendarRequest(policy=self.complaint.state.policy, calendar=self.complaint.state.calendar),
            summary="holidays of further years",
            **timeouts.FETCH_CALENDAR,
        )
        self.complaint.extend_calendar(further, self.inbox.effective_now())
        self.invariant.mark_external(self.complaint.state.sequence)

    def _publish(self) -> None:
        """Update the search attributes and the details on Temporal's page.

        Emit one upsert for all inputs of a task: ten thousand signals must fit into the two seconds of a task.
        If nothing changed, emit a no-op upsert, unless the task has another command (ReplayInvariant). The first
        iteration's timer and a local activity's marker are such commands.
        """
        if self.complaint.state.sequence == self.published and not self.invariant.needs_marker_command:
            return
        has_command = self.published == 0 or self.invariant.task_has_local_activity
        report_events(self.complaint.state, self.observed)
        self.published = self.observed = self.complaint.state.sequence
        self._publish_details()
        attributes = attributes_of(view_of(self.complaint))
        updates = updates_between(self.search_attributes, attributes)
        if updates or not has_command:
            workflow.upsert_search_attributes(updates or no_op_update(attributes))
            self.search_attributes = attributes
        self.invariant.needs_marker_command = False

    def _publish_details(self) -> None:
        workflow.set_current_details(render_details(self.complaint, self.clock.now(), self.forked_since))

    def _note_fork(self) -> None:
        """Say on Temporal's page that nothing is recorded, and since when."""
        self.forked_since = self.clock.now()
        self._publish_details()

    def _start_recording(self) -> None:
        """Start to record all new events, unless a recording runs."""
        if self.recording is None and self.complaint.state.sequence > self.recorded:
            self.recording = asyncio.create_task(
                record_transition(
                    transition_since(self.complaint, self.recorded),
                    is_timer_driven=self.invariant.only_timer_driven_since(self.recorded),
                    lock=self.local_activity_lock,
                    on_fork=self._note_fork,
                )
            )

    def _finish_recording(self) -> None:
        if self.recording and self.recording.done():
            self.recorded, link = self.recording.result()
            if link:
                self.complaint.state.adopt_link(self.recorded, link)
            self.recording = self.forked_since = None
            self.complaint.discard_recorded(self.recorded)


def _refuse_signals_fields(act: Act) -> Refusal | None:
    """Return the refusal of an update that says what only a signal may say."""
    if act.made_at is not None:
        return Refusal(code=Code.UNREADABLE, sentence="made_at: an update happens when it arrives; leave it out.")
    if act.by == POST_ROOM:
        return Refusal(code=Code.WRONG_ROLE, sentence=f"by: {POST_ROOM} is the product itself; give your own id.")
    return None
