"""Those who tell a complaint something: each act is sent until it is answered, under its id, whatever is away."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from chaos.plan import Sending, Stroll, Way
from chaos.stages import STAGES
from complaints.procedure.acts import Act
from complaints.procedure.complaint import DONE
from complaints.procedure.enums import Status
from complaints.procedure.state import Answer
from complaints.runtime.clock import now as real_now
from complaints.temporal.virtual_time import CannotAdvanceError, advance_to, clock_of
from tests.fixtures.random_complaints import act_of
from tests.workflows.complaint_driver import Case

ANSWERED_WITHIN = 3.0
"""Seconds, after which an act is sent once more."""
AGAIN_AFTER = 0.1
PATIENT_UNTIL = timedelta(seconds=3)
"""How long a sender waits for a deadline's instant; for a later one the act is sent at once."""
OVER = "over"
"""In place of a code: the complaint's workflow had come to its end."""


@dataclass
class Sent:
    """An act, and each answer it got: the answer, or the code of a refusal."""

    act: Act
    answers: list[Answer | str] = field(default_factory=list)
    is_signalled: bool = False
    """Temporal took it as a signal."""


@dataclass
class Sender:
    """All who tell one complaint anything."""

    case: Case
    ahead: timedelta = timedelta(0)
    """Of the complaint's clock before ours."""
    latest: Answer | None = None
    sent: list[Sent] = field(default_factory=list)
    poisons: Counter[str] = field(default_factory=Counter)
    """Poisonous signals that Temporal took, by their names."""
    seconds: list[float] = field(default_factory=list)
    """That each update waited for its answer."""

    def now(self) -> datetime:
        return real_now() + self.ahead

    async def read_clock(self) -> None:
        self.ahead = await clock_of(self.case.client, self.case.reference) - real_now()

    async def bring_to(self, stage: int) -> None:
        """While all is well, so that every act is taken."""
        for act_type, by, fields in STAGES[:stage]:
            answer = await self.update(self.case.act(act_type, by, **fields))
            assert isinstance(answer, Answer), f"{self.case.reference}: {act_type.name} was refused: {answer}"

    async def send(self, sending: Sending) -> None:
        acts = [self._act(sending, number) for number in range(len(sending.moves))]
        if sending.way is Way.AT_A_DEADLINE:
            await self._until_due()
        if sending.way is Way.IN_DUPLICATE:
            (act,) = acts
            again = self.update(act, update_id=f"{act.id}-again")
            await asyncio.gather(self.update(act), again, self.signal(act))
        elif sending.way is Way.REORDERED:
            for act in acts:
                await self.signal(act)
        elif sending.by_signal:
            await asyncio.gather(*(self.signal(act) for act in acts))
        else:
            await asyncio.gather(*(self.update(act) for act in acts))

    async def stroll(self, stroll: Stroll) -> None:
        """Until the clock has been moved: it cannot be while the record is behind, or Temporal away."""
        due = self.latest.next_due_at if self.latest else None
        instant = self.now() + stroll.by if stroll.by else due or self.now()
        while True:
            try:
                async with asyncio.timeout(10):
                    await advance_to(self.case.client, self.case.reference, instant)
                    await self.read_clock()
                break
            except CannotAdvanceError as error:
                if "come to its end" in str(error):
                    break
                await asyncio.sleep(AGAIN_AFTER)
            except (RPCError, TimeoutError):
                await asyncio.sleep(AGAIN_AFTER)

    async def update(self, act: Act, update_id: str | None = None) -> Answer | str:
        begun = asyncio.get_running_loop().time()
        answer = await self._insist(act, update_id or act.id)
        self.seconds.append(asyncio.get_running_loop().time() - begun)
        self._sent(act).answers.append(answer)
        if isinstance(answer, Answer):
            self.latest = answer
        return answer

    async def signal(self, act: Act) -> None:
        while True:
            try:
                async with asyncio.timeout(ANSWERED_WITHIN):
                    await self.case.handle.signal(act.name, act)
            except RPCError as error:
                if _is_over(error):
                    self._sent(act).answers.append(OVER)
                    return
                await asyncio.sleep(AGAIN_AFTER)
            except TimeoutError:
                continue
            else:
                self._sent(act).is_signalled = True
                return

    async def _insist(self, act: Act, update_id: str) -> Answer | str:
        while True:
            try:
                async with asyncio.timeout(ANSWERED_WITHIN):
                    answer: Answer = await self.case.handle.execute_update(
                        act.name, act, id=update_id, result_type=Answer
                    )
            except WorkflowUpdateFailedError as error:
                return (isinstance(error.cause, ApplicationError) and error.cause.type) or repr(error.cause)
            except RPCError as error:
                if _is_over(error):
                    return OVER
                await asyncio.sleep(AGAIN_AFTER)
            except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
                continue
            else:
                assert answer.code == DONE, answer
                return answer

    def _sent(self, act: Act) -> Sent:
        """One for each id."""
        for sent in self.sent:
            if sent.act.id == act.id:
                return sent
        self.sent.append(Sent(act))
        return self.sent[-1]

    def _act(self, sending: Sending, number: int) -> Act:
        status = self.latest.status if self.latest else Status.WITH_CASE_HANDLER
        tier = self.latest.tier if self.latest else None
        act_id = f"{self.case.reference}-{sending.at}-{number}"
        act = act_of(sending.moves[number], act_id, status, tier, self.now())
        if sending.way is Way.AT_A_DEADLINE and self.latest and "sent_at" in type(act).model_fields:
            # In virtual time nobody can be there at the very instant, but a letter can have gone then.
            due = self.latest.next_due_at
            act = act.model_copy(update={"sent_at": due}) if due and due <= self.now() else act
        return act

    async def _until_due(self) -> None:
        due = self.latest.next_due_at if self.latest else None
        if due and timedelta(0) < (wait := due.astimezone(UTC) - self.now()) < PATIENT_UNTIL:
            await asyncio.sleep(wait.total_seconds())


def _is_over(error: RPCError) -> bool:
    return error.status is RPCStatusCode.NOT_FOUND and "already completed" in error.message
