"""Moves one complaint's clock, on the local stack and in tests. Each complaint has its own, kept by Temporal's server.

A stock server has no virtual time, so that nobody can move the clock of a real complaint.
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

MARGIN = timedelta(seconds=1.5)
"""A step lands this much after the instant asked for. A timer fires later than its instant by as long as the task that
set it took, up to a second while PostgreSQL is slow; and a server whose step ends while a timer is just firing may run
on to the next timer."""

PART = timedelta(days=30)
"""The longest step at once: one that crossed two continue-as-news would leave the later run behind."""

SKIPS = 1_000
"""How many timers and backoffs one part may pass before the server ends it; the rest is then taken as a new part."""

PATIENCE = 5.0
"""Seconds without any event, after which a step is looked into."""

GRACE = 20
"""Tenths of a second which a running activity is given to end by itself, before a step is refused."""

NO_VIRTUAL_TIME = "this Temporal server has no virtual time; only the local stack has"


class CannotAdvanceError(Exception):
    """The clock cannot be moved; the message says why, for people."""


class UnknownComplaintError(CannotAdvanceError):
    """Temporal has no complaint of that reference: never had, or no longer."""


class VirtualStart(Interceptor):
    """For a client: what it starts begins at `instant` of the future, once its clock has been moved there."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - Temporal's name
        return _DelayedStart(next, self.instant)


class _DelayedStart(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, instant: datetime) -> None:
        super().__init__(following)
        self._instant = instant

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        input.start_delay = self._instant - real_now()
        return await super().start_workflow(input)


async def clock_of(client: Client, reference: str) -> datetime:
    """What time it is for the complaint; once it has ended, when that was. Raises UnknownComplaintError."""
    return (await _Clock(client, reference).look()).now


async def advance(client: Client, reference: str, by: timedelta) -> datetime:
    """Move the complaint's clock on by a positive duration. Returns and raises as `advance_to` does."""
    if by <= timedelta(0):
        raise CannotAdvanceError(f"a clock moves forward only, not by {by}")
    return await advance_to(client, reference, await clock_of(client, reference) + by)


async def advance_to(client: Client, reference: str, instant: datetime) -> datetime:
    """Move the complaint's clock just past `instant`, never short of it; where it is past it already, do nothing.

    All that falls due on the way happens, in order and each at its own instant. Returns what time it is then for the
    complaint: before `instant` only if its workflow came to its end on the way.
    Raises CannotAdvanceError, and temporalio's RPCError when Temporal does not answer.
    """
    clock = _Clock(client, reference)
    look = await clock.look()
    if not look.runs:
        raise CannotAdvanceError(f"{reference} has come to its end: its clock stands still")
    while look.runs and look.now < instant:
        look = await clock.quiet()
        target = min(instant, max(look.begins_at, look.now + PART))
        look = await clock.skip(look, target + MARGIN - look.now)
    return look.now


@dataclass(frozen=True)
class _Look:
    """How a complaint's workflow stands; `activities` are under way or wait for another try."""

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
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=SKIPS))

    async def look(self) -> _Look:
        try:
            description = await self._handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise UnknownComplaintError(f"there is no complaint {self._reference}") from error
            raise
        raw = description.raw_description
        skipping = raw.workflow_extended_info.time_skipping_info
        virtual = skipping.current_time.ToDatetime(UTC) if skipping.HasField("current_time") else real_now()
        return _Look(
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

    async def quiet(self) -> _Look:
        """Once no activity is pending; most take an instant. Raises CannotAdvanceError when one stays."""
        for _ in range(GRACE):
            look = await self.look()
            if not look.activities:
                return look
            await asyncio.sleep(0.1)
        raise self._refused(look)

    async def skip(self, before: _Look, by: timedelta) -> _Look:
        """One part of a step, or as much of it as the server grants at once. Raises CannotAdvanceError."""
        forward = asyncio.create_task(self._skipper.fast_forward(self._handle, by))
        try:
            while True:
                await asyncio.wait([forward], timeout=PATIENCE)
                look = await self.look()
                if forward.done() and forward.result():
                    return look
                if not look.runs:
                    return look
                if look.events == before.events and (look.skips or look.activities):
                    raise self._refused(look)
                if not look.skips:
                    return look
                before = look
        except RPCError as error:
            if error.status is not RPCStatusCode.UNIMPLEMENTED:
                raise
            raise CannotAdvanceError(NO_VIRTUAL_TIME) from error
        except RuntimeError as error:  # another step took the place of this one
            raise CannotAdvanceError(f"somebody else is moving the clock of {self._reference}") from error
        finally:
            if not forward.done():
                forward.cancel()
                await self._stop()

    async def _stop(self) -> None:
        """What was begun and given up must not go on later, behind everybody's back."""
        off = WorkflowExecutionOptions(time_skipping_config=TimeSkippingConfigMessage(enabled=False))
        request = UpdateWorkflowExecutionOptionsRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=self._reference),
            workflow_execution_options=off,
            update_mask=FieldMask(paths=["time_skipping_config"]),
        )
        with suppress(RPCError):  # it has ended meanwhile, or Temporal has gone
            await self._client.workflow_service.update_workflow_execution_options(request)

    def _refused(self, look: _Look) -> CannotAdvanceError:
        why = "no worker does its work" if look.waits_for_worker else "the server does not move it"
        if look.activities:
            why = f"an activity is pending: {', '.join(look.activities)}"
        return CannotAdvanceError(f"the clock of {self._reference} cannot be moved while {why}")
