"""Move one complaint's clock, on the local stack and in tests.

Temporal's server keeps a clock for each complaint. A stock server has no virtual time, so nobody can move the clock
of a real complaint.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import TimeSkippingConfig as TimeSkippingConfigMessage
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.client import WorkflowExecutionStatus as Status
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from complaints.runtime.clock import now as real_now
from complaints.temporal.calls import is_about_namespace

STEP_MARGIN = timedelta(seconds=1.5)
"""How far a step goes past its target.

A timer fires later than its instant by the duration of the task that set it, up to a second while PostgreSQL is slow.
And a server whose step ends while a timer fires may run on to the next timer.
"""
MAX_STEP = timedelta(days=30)
"""A longer step could cross two continue-as-news, and would leave the later run behind."""
MAX_SKIPS = 1_000
"""Timers and backoffs after which the server ends a step; a new step then takes the rest."""
IDLE_SECONDS = 5.0
"""Without any event for so long, a step may be stuck."""
ACTIVITY_GRACE_TENTHS = 20
"""How long a pending activity may run on before a step is refused."""

NO_VIRTUAL_TIME = "this Temporal server has no virtual time; only the local stack has"


class CannotAdvanceError(Exception):
    """The clock cannot be moved; the message says why."""


class UnknownComplaintError(CannotAdvanceError):
    """Temporal does not have this complaint, or no longer."""


class CompletedError(CannotAdvanceError):
    """The complaint's workflow has completed, and its clock with it."""


class VirtualStart(Interceptor):
    """Delay what a client starts until `instant`, to which the clock must then be moved."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - Temporal's name
        return _DelayedStart(next, self.instant)


class _DelayedStart(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, instant: datetime) -> None:  # noqa: A002
        super().__init__(next)
        self._instant = instant

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        input.start_delay = self._instant - real_now()
        return await super().start_workflow(input)


async def read_clock(client: Client, reference: str) -> datetime:
    """Return the time on the complaint's clock, or when it ended. Raises UnknownComplaintError."""
    return (await _Clock(client, reference).read()).now


async def advance(client: Client, reference: str, by: timedelta) -> datetime:
    """Move the complaint's clock by a duration. Returns and raises as `advance_to` does."""
    if by <= timedelta(0):
        raise CannotAdvanceError(f"a clock moves forward only, not by {by}; give a positive duration")
    return await advance_to(client, reference, await read_clock(client, reference) + by)


async def advance_to(client: Client, reference: str, instant: datetime) -> datetime:
    """Move the complaint's clock just past `instant`; do nothing if it is there already.

    Each timer on the way fires in order, at its own instant. Returns the new time on the clock, which is before
    `instant` only if the workflow completed on the way.
    Raises CannotAdvanceError, and temporalio's RPCError when Temporal does not answer.
    """
    clock = _Clock(client, reference)
    state = await clock.read()
    if not state.runs:
        raise CompletedError(f"the workflow of {reference} has completed, so its clock cannot be moved")
    while state.runs and state.now < instant:
        state = await clock.wait_for_activities()
        target = min(instant, max(state.begins_at, state.now + MAX_STEP))
        state = await clock.skip(state, target + STEP_MARGIN - state.now)
    return state.now


@dataclass(frozen=True)
class _ClockState:
    """State of a workflow and its clock; `activities` are running or waiting for a retry."""

    begins_at: datetime
    runs: bool
    now: datetime
    skips: bool
    events: int
    activities: tuple[str, ...]
    waits_for_worker: bool


class _Clock:
    """One complaint's clock, as Temporal's server keeps it."""

    def __init__(self, client: Client, reference: str) -> None:
        self._reference = reference
        self._client = client
        self._handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(reference)
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=MAX_SKIPS))

    async def read(self) -> _ClockState:
        try:
            description = await self._handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not is_about_namespace(error):
                raise UnknownComplaintError(f"there is no complaint {self._reference}") from error
            raise
        raw = description.raw_description
        skipping = raw.workflow_extended_info.time_skipping_info
        virtual = skipping.current_time.ToDatetime(UTC) if skipping.HasField("current_time") else real_now()
        return _ClockState(
            begins_at=description.execution_time or virtual,
            runs=description.status is Status.RUNNING,
            now=description.close_time or virtual,
            skips=skipping.effective_config.enabled,
            events=description.history_length,
            activities=tuple(
                f"{activity.activity_type.name} (attempt {activity.attempt})" for activity in raw.pending_activities
            ),
            waits_for_worker=raw.HasField("pending_workflow_task"),
        )

    async def wait_for_activities(self) -> _ClockState:
        """Wait until no activity is pending. Raises CannotAdvanceError when one stays."""
        for _ in range(ACTIVITY_GRACE_TENTHS):
            state = await self.read()
            if not state.activities:
                return state
            await asyncio.sleep(0.1)
        raise self._refused(state)

    async def skip(self, before: _ClockState, by: timedelta) -> _ClockState:
        """Take one step, or as much of it as the server grants at once. Raises CannotAdvanceError."""
        forward = asyncio.create_task(self._skipper.fast_forward(self._handle, by))
        try:
            while True:
                await asyncio.wait([forward], timeout=IDLE_SECONDS)
                state = await self.read()
                if forward.done() and forward.result():
                    return state
                if not state.runs:
                    return state
                if state.events == before.events and (state.skips or state.activities):
                    raise self._refused(state)
                if not state.skips:
                    return state
                before = state
        except RPCError as error:
            if error.status is not RPCStatusCode.UNIMPLEMENTED:
                raise
            raise CannotAdvanceError(NO_VIRTUAL_TIME) from error
        except RuntimeError as error:  # another step replaced this one
            raise CannotAdvanceError(f"somebody else is moving the clock of {self._reference}") from error
        finally:
            if not forward.done():
                forward.cancel()
                await self._disable_skipping()

    async def _disable_skipping(self) -> None:
        """Switch time skipping off, so that an abandoned step does not go on later."""
        off = WorkflowExecutionOptions(time_skipping_config=TimeSkippingConfigMessage(enabled=False))
        request = UpdateWorkflowExecutionOptionsRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=self._reference),
            workflow_execution_options=off,
            update_mask=FieldMask(paths=["time_skipping_config"]),
        )
        with suppress(RPCError):  # it has completed meanwhile, or Temporal is unavailable
            await self._client.workflow_service.update_workflow_execution_options(request)

    def _refused(self, state: _ClockState) -> CannotAdvanceError:
        why = "no worker runs it" if state.waits_for_worker else "the server does not advance it"
        if state.activities:
            why = f"an activity is pending: {', '.join(state.activities)}"
        return CannotAdvanceError(f"the clock of {self._reference} cannot be moved while {why}")
