"""Open complaints on real servers, act on them and move their virtual clocks."""

import asyncio
import itertools
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.directory import ASK_DIRECTORY
from complaints.calendars.amendments import no_amendments
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Act
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.runtime.clock import now as real_now
from complaints.temporal.calls import query_workflow
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.virtual_time import VirtualStart, advance_to
from starter.client.open_complaint import open_complaint
from workflows import names

MONDAY = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
"""An ordinary Monday, four weeks before the clocks change."""
ANSWER_TIMEOUT_SECONDS = 15.0
"""Then an update is sent again."""
SIGNAL_TIMEOUT = timedelta(seconds=10)
"""Then a signal is sent again."""
RETRYABLE_STATUSES = (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.UNAVAILABLE)
RECORDING_TIMEOUT_SECONDS = 60.0
"""The time in which the record must be up to date."""
QUERY_TIMEOUT_SECONDS = 4.0
"""Then a query is repeated."""

references = (f"T-{number}" for number in itertools.count(1))


def form(reference: str, **changes: Any) -> Form:
    """Return a customer's form about a delay in an open case, known to the case handler."""
    fields = {
        "reference": reference,
        "received_at": MONDAY,
        "complainant": {
            "name": "Ada Example",
            "capacity": "customer",
            "email": "ada@example.org",
            "prefers": "email",
        },
        "case": {"reference": "K-1", "open": True, "handler": "h.lee"},
        "concerns": [{"aspect": "delay", "what_happened": "Nobody rang me back."}],
        "told_case_handler_on": "2031-02-24",
    }
    return Form.model_validate(fields | changes)


@dataclass
class ComplaintDriver:
    """Sends acts to one complaint and waits for their effects."""

    reference: str
    client: Client
    engine: AsyncEngine
    sent: list[Act] = field(default_factory=list)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self.reference)

    async def do(self, act_type: type[Act], by: str = "m.okafor", **fields: Any) -> Answer:
        """Send an act as an update. Return its answer, or the refusal as one."""
        return await self.update(self.build_act(act_type, by, **fields))

    async def update(self, act: Act) -> Answer:
        """Send an act until it is answered, under one id, as an intake system would."""
        try:
            answer = await self._update_until_answered(act)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            assert isinstance(cause, ApplicationError)
            history = await self.query_history()
            return Answer.model_validate(
                {"id": act.id, "act": act.name, "code": cause.type, "sentence": cause.message, **dict(history)},
                extra="ignore",
            )
        return answer

    async def _update_until_answered(self, act: Act) -> Answer:
        while True:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                    answer: Answer = await self.handle.execute_update(act.name, act, id=act.id, result_type=Answer)
                    return answer
            except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
                continue

    async def signal(self, act_type: type[Act], by: str = "m.okafor", **fields: Any) -> None:
        await self.send(self.build_act(act_type, by, **fields), as_signal=True)

    async def send(self, act: Act, *, as_signal: bool) -> None:
        if as_signal:
            await self._signal_until_accepted(act)
        else:
            await self.update(act)

    async def _signal_until_accepted(self, act: Act) -> None:
        """Send an act as a signal. A repeat has no effect, by the act's id."""
        while True:
            try:
                return await self.handle.signal(act.name, act, rpc_timeout=SIGNAL_TIMEOUT)
            except RPCError as error:
                if error.status not in RETRYABLE_STATUSES:
                    raise

    def build_act(self, act_type: type[Act], by: str, **fields: Any) -> Act:
        return act_type.model_validate({"id": uuid.uuid4().hex, "by": by} | fields)

    async def advance_to(self, instant: datetime) -> None:
        await advance_to(self.client, self.reference, instant)

    async def is_running(self) -> bool:
        return (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def query_history(self) -> ComplaintHistory:
        """Query the complaint. Repeat a query that Temporal's core dropped during an eviction."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
                    return await query_workflow(self.handle, names.STATE_QUERY, ComplaintHistory)

    async def wait_until_recorded(self, within: float = RECORDING_TIMEOUT_SECONDS) -> ComplaintHistory:
        """Wait until everything is applied and recorded, and return the history."""
        async with asyncio.timeout(within):
            while True:
                if await self._has_applied_everything():
                    history = await self.query_history()
                    recorded = await queries.read_history(self.engine, self.reference)
                    if recorded and recorded.sequence == history.sequence:
                        return history
                await asyncio.sleep(0.02)

    async def _has_applied_everything(self) -> bool:
        """Return whether no workflow task and no directory lookup is pending."""
        described = (await self.handle.describe()).raw_description
        is_looking_up = any(pending.activity_type.name == ASK_DIRECTORY for pending in described.pending_activities)
        return not described.HasField("pending_workflow_task") and not is_looking_up

    async def check_agreement(self) -> ComplaintHistory:
        """Return the history, after checking that query, record and search attributes agree."""
        history = await self.wait_until_recorded()
        assert await queries.read_history(self.engine, self.reference) == history
        attributes = (await self.handle.describe()).typed_search_attributes
        shown = {pair.key.name: pair.value for pair in attributes if pair.key.name.startswith("Complaint")}
        assert shown == {pair.key.name: pair.value for pair in attributes_of(history)}
        return history

    async def count_events(self) -> Counter[str]:
        """Count the events by kind."""
        return Counter(event.kind for event in (await self.query_history()).events)


@dataclass
class ComplaintOpener:
    """Opens complaints on one task queue."""

    client: Client
    engine: AsyncEngine
    task_queue: str

    async def open(
        self, *, now: datetime = MONDAY, policy: Policy | None = None, advance: bool = True, **changes: Any
    ) -> ComplaintDriver:
        """Open a complaint at the virtual time `now`; without `advance`, before its first task."""
        return await self.open_form(form("T", **changes), now=now, policy=policy or load_policy(), advance=advance)

    async def open_form(self, form: Form, *, now: datetime, policy: Policy, advance: bool = True) -> ComplaintDriver:
        """Open a complaint from a whole form, under a reference of its own."""
        reference = next(references)
        client = at_virtual_start(self.client, now) if now > real_now() else self.client
        opened = await open_complaint(
            client,
            form.model_copy(update={"reference": reference}),
            policy=policy,
            now=now,
            opened_by="intake",
            find=self.find,
            amended=no_amendments,
            task_queue=self.task_queue,
        )
        assert opened.is_new
        complaint = ComplaintDriver(reference, self.client, self.engine)
        if advance:
            await complaint.advance_to(now)
        return complaint

    async def find(self, reference: str) -> queries.RecordedComplaint | None:
        return await queries.find_complaint(self.engine, reference)


def at_virtual_start(client: Client, instant: datetime) -> Client:
    config = client.config()
    config["interceptors"] = [VirtualStart(instant), *config["interceptors"]]
    return Client(**config)
