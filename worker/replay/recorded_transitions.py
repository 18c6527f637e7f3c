"""Replay a complaint's histories, and collect the transitions that it handed to the record."""

from asyncio import Future
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
    WorkflowReplayResult,
)
from temporalio.workflow import ActivityHandle

from activities.record import RECORD
from complaints.encryption.data_keys import KeyDestroyedError
from complaints.encryption.foreign import ForeignPayloadError
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Event
from complaints.procedure.views.views import Transition, transition_since
from complaints.temporal.client import decode_payloads
from worker.replay.fetch_histories import fetch_all_runs, replay_failure, without_pending_task
from worker.replay.replayer import make_replayer
from worker.replay.task_failures import task_failure
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


@dataclass
class ReplayedTransitions:
    """The transitions of one complaint, free text included, from all runs that Temporal retains.

    A run that was started from the record follows the run that it replaced, as far as the record had it.
    """

    reference: str
    transitions: list[Transition] = field(default_factory=list)
    """In order within each run; the runs in any order."""
    begins_after: int = 0
    """The last event before the oldest retained run; 0 if the first run is retained."""
    from_earlier: set[int] = field(default_factory=set)
    """Events that Temporal does not retain, or that a start took from the record."""
    recorded: set[int] = field(default_factory=set)
    """Events that the record had, as Temporal knows."""
    failure: str | None = None
    """Why a run does not replay; then `transitions` may have gaps."""
    runs: list[WorkflowHistory] = field(default_factory=list)
    """Newest first."""
    last: Complaint | None = None
    """The complaint after its newest run's last completed workflow task; None: it has completed none."""
    _agreed: int = 0
    """The last event that the next run back shares with those that were added."""
    _handed: int = 0
    """The last event that the newest run handed to the record."""

    @property
    def events(self) -> dict[int, Event]:
        """Events by sequence."""
        return {event.sequence: event for transition in self.transitions for event in transition.events}

    @property
    def all_events(self) -> dict[int, Event]:
        """Events by sequence, also those that the newest run has not handed to the record."""
        return self.events | {event.sequence: event for each in self.unrecorded() for event in each.events}

    def add(
        self,
        run: WorkflowHistory,
        result: WorkflowReplayResult,
        transitions: list[Transition],
        given: ComplaintInput,
        complaint: Complaint | None,
    ) -> None:
        """Add the run before those that were added, with the complaint at its end."""
        begins_after = given.resumed.sequence if given.resumed else 0
        handed = transitions[-1].events[-1].sequence if transitions else begins_after
        if self.runs:
            # What the run had not handed to the record was recorded when its complaint was started again.
            transitions = _until(self._agreed, transitions + _transitions_after(complaint, handed))
            self.from_earlier = {number for number in self.from_earlier if number > self._agreed}
        else:
            self.last, self._handed = complaint, handed
        self.transitions += transitions
        self.runs.append(run)
        self.failure = self.failure or replay_failure(result)
        self.begins_after = begins_after
        self._agreed = given.revival.agreed if given.revival else begins_after
        self.from_earlier |= set(range(1, begins_after + 1))

    def unrecorded(self) -> list[Transition]:
        """Build the transitions that the newest run had not handed to the record when it ended."""
        return _transitions_after(self.last, self._handed)


async def only(reference: str) -> AsyncIterator[str]:
    """Yield one reference, for `replay_transitions`."""
    yield reference


def _ignore(_reference: str, _why: str) -> None:
    pass


async def replay_transitions(
    client: Client,
    references: AsyncIterable[str],
    task_queue: str,
    on_failing: Callable[[str, str], None] = _ignore,
    *,
    with_pending_task: bool = False,
) -> AsyncIterator[ReplayedTransitions]:
    """Replay one complaint after another, each in all its runs on the task queue.

    Leaves out complaints that Temporal does not have, or that have no completed workflow task, and runs that no key
    decrypts. `on_failing` gets the reference of such a complaint, or of one whose workflow task fails, and the reason.
    Inputs for which an open run has completed no workflow task yet have not happened, unless `with_pending_task`: a
    timer's events are on the record before their task is completed.
    Raises RPCError, KeysUnreachableError.
    """
    collected: list[Transition] = []
    workflows: list[ComplaintWorkflow] = []
    recorded: set[int] = set()
    replayer = make_replayer(
        ComplaintWorkflow,
        client=client,
        interceptors=[_TransitionInterceptor(collected.append, workflows.append, recorded.update)],
    )
    replayed: ReplayedTransitions | None = None

    async def on_newest(run: WorkflowHistory) -> None:
        if why := await task_failure(client, run):
            on_failing(run.workflow_id, why)

    fetched: deque[WorkflowHistory] = deque()

    async def fetch_runs() -> AsyncIterator[WorkflowHistory]:
        async for run in fetch_all_runs(client, references, task_queue, on_newest):
            fetched.append(run)
            yield run if with_pending_task else without_pending_task(run)

    async with replayer.workflow_replay_iterator(fetch_runs()) as results:
        async for result in results:
            run = fetched.popleft()
            reference = run.workflow_id
            if replayed and replayed.reference != reference and replayed.runs:
                yield replayed
            if not replayed or replayed.reference != reference:
                replayed = ReplayedTransitions(reference)
            complaint = workflows[-1].complaint if workflows else None
            if given := await _started_with(client, run, on_failing):
                replayed.add(run, result, collected, given, complaint)
                replayed.recorded |= recorded
            collected.clear()
            recorded.clear()
            workflows.clear()
    if replayed and replayed.runs:
        yield replayed


async def _started_with(
    client: Client, history: WorkflowHistory, on_failing: Callable[[str, str], None]
) -> ComplaintInput | None:
    """Return the input of a run. None: no key decrypts it.

    A destroyed key is that of a complaint which was erased or anonymised. Any other run without a key is reported.
    """
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    try:
        [given] = await decode_payloads(client, history.workflow_id, payloads, [ComplaintInput])
    except KeyDestroyedError:
        return None
    except ForeignPayloadError as error:
        on_failing(history.workflow_id, f"its start input does not decode: {error}")
        return None
    assert isinstance(given, ComplaintInput)
    return given


def _transitions_after(complaint: Complaint | None, sequence: int) -> list[Transition]:
    transitions: list[Transition] = []
    while complaint and sequence < complaint.state.sequence:
        transitions.append(transition_since(complaint, sequence))
        sequence = transitions[-1].events[-1].sequence
    return transitions


def _until(sequence: int, transitions: list[Transition]) -> list[Transition]:
    """Leave out what a run did after `sequence`, from which the next run was started."""
    kept = []
    for transition in transitions:
        events = [event for event in transition.events if event.sequence <= sequence]
        if len(events) == len(transition.events):
            kept.append(transition)
        elif events:
            answers = [given for given in transition.answers if given.sequence <= sequence]
            kept.append(transition.model_copy(update={"events": events, "answers": answers}))
    return kept


class _TransitionInterceptor(Interceptor):
    """Pass each workflow to `on_start`, and each transition for the record to `on_transition`.

    `on_recorded` gets the numbers of its events once an activity has recorded them.
    """

    def __init__(
        self,
        on_transition: Callable[[Transition], None],
        on_start: Callable[[ComplaintWorkflow], None],
        on_recorded: Callable[[set[int]], None],
    ) -> None:
        self._on_transition = on_transition
        self._on_start = on_start
        self._on_recorded = on_recorded

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - Temporal's name
    ) -> type[WorkflowInboundInterceptor]:
        on_transition, on_start, on_recorded = self._on_transition, self._on_start, self._on_recorded

        def collect(transition: Transition, handle: ActivityHandle[Any]) -> None:
            def note(done: Future[Any]) -> None:
                # No result: nothing was recorded, as the record lacked the policy or the calendar.
                if not done.cancelled() and done.exception() is None and done.result() is not None:
                    on_recorded({event.sequence for event in transition.events})

            on_transition(transition.whole())  # a restored record may lack the policy or the calendar
            handle.add_done_callback(note)

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                handle = super().start_activity(input)
                if input.activity == RECORD:
                    collect(input.args[0], handle)
                return handle

            def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                handle = super().start_local_activity(input)
                if input.activity == RECORD:
                    collect(input.args[0], handle)
                return handle

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
                on_start(workflow.instance())
                return await super().execute_workflow(input)

        return Inbound
