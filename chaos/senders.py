"""Send acts to a complaint, and repeat each with its id until it is answered."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from chaos.accepted_acts import Chain
from chaos.edges import Edge
from chaos.gate import Gate
from chaos.plan import ClockMove, Sending, SendingMode
from chaos.stages import STAGES
from complaints.procedure.acts import Act
from complaints.procedure.answers import Answers
from complaints.procedure.complaint import DONE
from complaints.procedure.enums import EventKind, Status
from complaints.procedure.state import Answer, Event
from complaints.records.database import RecordUnreachableError
from complaints.records.restores.resumable_state import read_resumable_state
from complaints.runtime.clock import now as real_now
from complaints.temporal.virtual_time import CannotAdvanceError, advance_to, read_clock
from tests.fixtures.random_acts import build_act
from tests.workflows.complaint_driver import ComplaintDriver

ANSWER_TIMEOUT_SECONDS = 3.0
"""Then an act is sent again."""
RETRY_SECONDS = 0.1
ADVANCE_TIMEOUT_SECONDS = 10.0
"""Then the clock is moved again."""
MAX_WAIT = timedelta(seconds=3)
"""The longest wait for a deadline's instant; for a later one the act is sent at once."""
ENDED = "over"
"""An answer instead of a code: the complaint's workflow had completed."""


class GivenAnswer(NamedTuple):
    """An answer, or the code of a refusal."""

    answer: Answer | str
    chain: int
    """The number of chains that had ended before (`ActSender.ended`)."""


@dataclass
class SentAct:
    """An act with its answers."""

    act: Act
    answers: list[GivenAnswer] = field(default_factory=list)
    is_signalled: bool = False
    """Whether Temporal accepted it as a signal."""
    is_given_again: bool = False
    """Whether it was sent again as an update, after a loss; a refusal then leaves no trace."""


@dataclass
class ActSender:
    """Sends everything that one complaint receives."""

    driver: ComplaintDriver
    gate: Gate = field(default_factory=Gate)
    """Updates go through it. Signals do not: other systems send them to Temporal directly."""
    is_virtual: bool = False
    """Whether the complaint has a clock of its own."""
    clock_offset: timedelta = timedelta(0)
    """The complaint's virtual time minus real time."""
    latest: Answer | None = None
    sent: list[SentAct] = field(default_factory=list)
    malformed: Counter[str] = field(default_factory=Counter)
    """Malformed signals that Temporal accepted, by name."""
    letter: int | None = None
    """The last letter before any fault."""
    answer_seconds: list[float] = field(default_factory=list)
    """The time that each update took."""
    ended: list[Chain] = field(default_factory=list)
    """Chains of runs that were terminated, or lost with a restore."""
    recorded: list[Event] = field(default_factory=list)
    """Events that were on the record before a fault; they must stay there."""

    def now(self) -> datetime:
        return real_now() + self.clock_offset

    async def read_clock(self) -> None:
        self.clock_offset = await read_clock(self.driver.client, self.driver.reference) - real_now()

    async def advance_to_stage(self, stage: int, *, is_fast: bool) -> None:
        """Send the acts of the first `stage` stages, before any fault.

        With a fast policy, a slow machine may let a deadline pass first: the complaint goes on from where it is.
        """
        for act_type, by, fields in STAGES[:stage]:
            answer = await self.update(self.driver.build_act(act_type, by, **fields))
            if not isinstance(answer, Answer):
                assert is_fast, f"{self.driver.reference}: {act_type.name} was refused: {answer}"
                break
        events = (await self.driver.query_history()).events
        self.letter = next((event.sequence for event in reversed(events) if event.kind == EventKind.LETTER), None)

    async def pass_edge(self, edge: Edge) -> bool:
        """Send the acts of an edge, one after the other. Return whether the last one took effect."""
        answer: Answer | str = ENDED
        for act_type, by, fields in edge:
            tier = self.latest.tier if self.latest else None
            letter = {"letter": self.letter or 1} if "letter" in act_type.model_fields else {}
            answer = await self.update(self.driver.build_act(act_type, by or f"staff.{tier}", **fields, **letter))
        return isinstance(answer, Answer)

    async def send(self, sending: Sending) -> None:
        acts = [self._act(sending, number) for number in range(len(sending.moves))]
        if sending.mode is SendingMode.AT_A_DEADLINE:
            await self._wait_until_due()
        if sending.mode is SendingMode.IN_DUPLICATE:
            (act,) = acts
            again = self.update(act, update_id=f"{act.id}-again")
            await asyncio.gather(self.update(act), again, self.signal(act))
        elif sending.mode is SendingMode.REORDERED:
            for act in acts:
                await self.signal(act)
        elif sending.by_signal:
            await asyncio.gather(*(self.signal(act) for act in acts))
        else:
            await asyncio.gather(*(self.update(act) for act in acts))

    async def move_clock(self, clock_move: ClockMove) -> None:
        """Move the clock; retry while the record lags or Temporal is unavailable."""
        due = self.latest.next_due_at if self.latest else None
        instant = self.now() + clock_move.by if clock_move.by else due or self.now()
        while not await self._has_completed():
            try:
                async with self.gate.pass_through(), asyncio.timeout(ADVANCE_TIMEOUT_SECONDS):
                    await advance_to(self.driver.client, self.driver.reference, instant)
                    await self.read_clock()
                break
            except (CannotAdvanceError, RPCError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)

    async def update(self, act: Act, update_id: str | None = None) -> Answer | str:
        begun = asyncio.get_running_loop().time()
        answer = await self._send_until_answered(act, update_id or act.id)
        self.answer_seconds.append(asyncio.get_running_loop().time() - begun)
        self._sent(act).answers.append(GivenAnswer(answer, len(self.ended)))
        if isinstance(answer, Answer):
            self.latest = answer
        return answer

    async def signal(self, act: Act) -> None:
        sent = self._sent(act)
        while True:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                    await self.driver.handle.signal(act.name, act)
            except (RPCError, TimeoutError) as error:
                if _is_not_running(error) and await self._has_completed():
                    sent.answers.append(GivenAnswer(ENDED, len(self.ended)))
                    return
                await asyncio.sleep(RETRY_SECONDS)
            else:
                sent.is_signalled = True
                return

    async def give_again(self) -> None:
        """Send each accepted act to which the record has no answer again, with its id.

        An act that is known after all gets its answer.
        """
        answers = await self.recorded_answers()
        for sent in list(self.sent):
            was_accepted = sent.is_signalled or any(isinstance(given.answer, Answer) for given in sent.answers)
            if not was_accepted or sent.act.id in answers:
                continue
            if sent.act.made_at:  # an update may not say when it was sent
                await self.signal(sent.act)
            else:
                sent.is_given_again = True
                await self.update(sent.act)

    async def recorded_answers(self) -> Answers:
        """Read the answers that the record has, by the acts' ids."""
        while True:
            try:
                if read := await read_resumable_state(self.driver.engine, self.driver.reference):
                    return read.state.answers
            except RecordUnreachableError:
                await asyncio.sleep(RETRY_SECONDS)

    async def _send_until_answered(self, act: Act, update_id: str) -> Answer | str:
        while True:
            try:
                async with self.gate.pass_through(), asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                    answer: Answer = await self.driver.handle.execute_update(
                        act.name, act, id=update_id, result_type=Answer
                    )
            except WorkflowUpdateFailedError as error:
                return (isinstance(error.cause, ApplicationError) and error.cause.type) or repr(error.cause)
            except (RPCError, TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                _raise_if_cancelled()
                if _is_not_running(error) and await self._has_completed():
                    return ENDED
                await asyncio.sleep(RETRY_SECONDS)
            else:
                assert answer.code == DONE, answer
                return answer

    async def _has_completed(self) -> bool:
        """Return whether the workflow ended by its own account. A terminated one will be revived."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                    return (await self.driver.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
            except (RPCError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)

    def _sent(self, act: Act) -> SentAct:
        """Find the act by its id, or note it."""
        for sent in self.sent:
            if sent.act.id == act.id:
                return sent
        self.sent.append(SentAct(act))
        return self.sent[-1]

    def _act(self, sending: Sending, number: int) -> Act:
        status = self.latest.status if self.latest else Status.WITH_CASE_HANDLER
        tier = self.latest.tier if self.latest else None
        act_id = f"{self.driver.reference}-{sending.at}-{number}"
        act = build_act(sending.moves[number], act_id, status, tier, self.now())
        if sending.mode is SendingMode.AT_A_DEADLINE and self.latest and "sent_at" in type(act).model_fields:
            # In virtual time no act can arrive at that very instant, but a letter can have been sent then.
            due = self.latest.next_due_at
            act = act.model_copy(update={"sent_at": due}) if due and due <= self.now() else act
        return act

    async def _wait_until_due(self) -> None:
        due = self.latest.next_due_at if self.latest else None
        if due and timedelta(0) < (wait := due.astimezone(UTC) - self.now()) < MAX_WAIT:
            await asyncio.sleep(wait.total_seconds())


def _raise_if_cancelled() -> None:
    """Raise CancelledError, which Temporal's client replaces by an error of its own."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _is_not_running(error: Exception) -> bool:
    return isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND
