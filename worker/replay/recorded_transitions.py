"""Replay a complaint's histories, and collect the transitions that it handed to the record."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.record import RECORD
from complaints.procedure.state import Event
from complaints.procedure.views.views import Transition
from complaints.temporal.client import DATA_CONVERTER
from worker.replay.fetch_histories import fetch_all_runs, replay_failure
from worker.replay.task_failures import task_failure
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


@dataclass
class ReplayedTransitions:
    """The transitions of one complaint, free text included, from all runs that Temporal retains."""

    reference: str
    transitions: list[Transition] = field(default_factory=list)
    """In order within each run; the runs in any order."""
    begins_after: int = 0
    """The last event before the oldest retained run; 0 if the first run is retained."""
    failure: str | None = None
    """Why a run does not replay; then `transitions` may have gaps."""

    @property
    def events(self) -> dict[int, Event]:
        """Events by sequence."""
        return {event.sequence: event for transition in self.transitions for event in transition.events}


def _ignore(_reference: str, _why: str) -> None:
    pass


async def replay_transitions(
    client: Client,
    references: AsyncIterable[str],
    task_queue: str,
    on_failing: Callable[[str, str], None] = _ignore,
) -> AsyncIterator[ReplayedTransitions]:
    """Replay one complaint after another, each in all its runs on the task queue.

    Leaves out complaints that Temporal does not have, or that have no completed workflow task. `on_failing` gets the
    reference of a complaint whose workflow task fails, and the reason. Raises RPCError.
    """
    collected: list[Transition] = []
    replayer = Replayer(
        workflows=[ComplaintWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),  # an interceptor in the sandbox could not reach `collected`
        data_converter=DATA_CONVERTER,
        interceptors=[_TransitionInterceptor(collected.append)],
    )
    replayed: ReplayedTransitions | None = None

    async def on_newest(run: WorkflowHistory) -> None:
        if why := await task_failure(run):
            on_failing(run.workflow_id, why)

    runs = fetch_all_runs(client, references, task_queue, on_newest)
    async with replayer.workflow_replay_iterator(runs) as results:
        async for result in results:
            reference = result.history.workflow_id
            if replayed and replayed.reference != reference:
                yield replayed
            if not replayed or replayed.reference != reference:
                replayed = ReplayedTransitions(reference)
            replayed.transitions += collected
            replayed.failure = replayed.failure or replay_failure(result)
            replayed.begins_after = await _begins_after(result.history)
            collected.clear()
    if replayed:
        yield replayed


async def _begins_after(history: WorkflowHistory) -> int:
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    [given] = await DATA_CONVERTER.decode(payloads, [ComplaintInput])
    return given.resumed.sequence if given.resumed else 0


class _TransitionInterceptor(Interceptor):
    """Pass each transition that is handed to the record to `on_transition`."""

    def __init__(self, on_transition: Callable[[Transition], None]) -> None:
        self._on_transition = on_transition

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - Temporal's name
    ) -> type[WorkflowInboundInterceptor]:
        on_transition = self._on_transition

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    on_transition(input.args[0])
                return super().start_activity(input)

            def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    on_transition(input.args[0])
                return super().start_local_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound
