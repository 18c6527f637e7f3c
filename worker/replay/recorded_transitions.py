"""What a complaint handed to the record in its life, told again by a replay of its history."""

from collections.abc import AsyncIterator, Callable
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
from worker.replay.fetch_histories import histories_of, history_of, why_it_breaks
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


@dataclass
class ReplayedTransitions:
    """What one complaint handed to the record, people's words included, in all its runs that Temporal still has."""

    reference: str
    transitions: list[Transition] = field(default_factory=list)
    """Each run's in their order; the runs in any."""
    begins_after: int = 0
    """The last event before the oldest of those runs: 0, or what Temporal no longer tells of."""
    why_not: str | None = None
    """Why one of the runs cannot be replayed; then `transitions` may have gaps."""

    @property
    def events(self) -> dict[int, Event]:
        """By their sequence."""
        return {event.sequence: event for transition in self.transitions for event in transition.events}


async def replay_transitions(client: Client, query: str) -> AsyncIterator[ReplayedTransitions]:
    """One complaint after another, those whose latest runs fit a query of Temporal's. Raises RPCError."""
    heard: list[Transition] = []
    replayer = Replayer(
        workflows=[ComplaintWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),  # so that what it tells can be heard
        data_converter=DATA_CONVERTER,
        interceptors=[_Listener(heard.append)],
    )
    told: ReplayedTransitions | None = None
    async with replayer.workflow_replay_iterator(_with_earlier_runs(client, histories_of(client, query))) as results:
        async for result in results:
            reference = result.history.workflow_id
            if told and told.reference != reference:
                yield told
            if not told or told.reference != reference:
                told = ReplayedTransitions(reference)
            told.transitions += heard
            told.why_not = told.why_not or why_it_breaks(result)
            told.begins_after = await _begins_after(result.history)
            heard.clear()
    if told:
        yield told


async def _with_earlier_runs(client: Client, latest: AsyncIterator[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    """Each run, followed by those which it continued as new; newest first."""
    async for history in latest:
        run: WorkflowHistory | None = history
        while run:
            yield run
            before = run.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
            run = await history_of(client, run.workflow_id, before) if before else None


async def _begins_after(history: WorkflowHistory) -> int:
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    [given] = await DATA_CONVERTER.decode(payloads, [ComplaintInput])
    return given.resumed.sequence if given.resumed else 0


class _Listener(Interceptor):
    """Told each transition that is handed to the record."""

    def __init__(self, on_transition: Callable[[Transition], None]) -> None:
        self._hear = on_transition

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - Temporal's name
    ) -> type[WorkflowInboundInterceptor]:
        hear = self._hear

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    hear(input.args[0])
                return super().start_activity(input)

            def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
                if input.activity == RECORD:
                    hear(input.args[0])
                return super().start_local_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound
