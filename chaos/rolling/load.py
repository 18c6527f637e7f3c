"""Send the load: systems and staff act, staff read lists, an operator looks at payloads."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest

from chaos.environment import Environment
from chaos.oracle import Violation
from chaos.rolling.callers import Caller, make_caller, require
from chaos.rolling.tally import Tallies
from chaos.senders import ActSender, GivenAnswer, SentAct
from chaos.stages import STAGES
from complaints.procedure.acts import Act, AskManager
from complaints.procedure.state import Answer
from complaints.runtime.clock import now
from local.sign_in.issuer import Issuer
from tests.fixtures.random_acts import HANDLER
from tests.workflows.complaint_driver import ComplaintDriver, form

SYSTEM, READERS, OPERATOR = "intake", ("m.okafor", "lead", "mark"), "au.ditor"
"""Of the tests' directory. A manager, the lead of all tiers and another manager read lists."""
SYSTEMS, STAFF, OPERATORS = "systems", "staff", "operators"
JOURNEY = STAGES[:6]
"""From the case handler to the second reply: two acts of systems, four of staff."""
REPEATED = 1 / 3
"""The share of requests that are sent again, with the same id, although they were answered."""
PAUSE_SECONDS, READING_PAUSE_SECONDS = 0.1, 0.5


@dataclass
class Load:
    """Callers that run until they are stopped."""

    environment: Environment
    issuer: Issuer
    key: str
    """Of the system."""
    intake_url: str
    codec_url: str
    tallies: Tallies
    random: Random
    senders: list[ActSender] = field(default_factory=list)
    """Of each complaint that was accepted, with the acts that were accepted or refused."""
    decoded: int = 0
    """Payloads that the operator has seen in clear."""
    journeys: int = 0
    """Complaints that have had all acts of the journey."""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def stop(self) -> None:
        """Let each caller end its journey."""
        self._stopping.set()

    async def run(self, callers: int) -> None:
        """Send until stopped: `callers` open complaints and act, others read lists and payloads."""
        async with AsyncExitStack() as opened, asyncio.TaskGroup() as running:
            for _ in range(callers):
                systems = await opened.enter_async_context(make_caller(SYSTEMS, self.intake_url, self.tallies))
                staff = await opened.enter_async_context(make_caller(STAFF, self.intake_url, self.tallies))
                running.create_task(self._act(systems, staff))
            for reader in READERS:
                staff = await opened.enter_async_context(make_caller(STAFF, self.intake_url, self.tallies))
                running.create_task(self._read_lists(staff, reader))
            operator = await opened.enter_async_context(make_caller(OPERATORS, self.codec_url, self.tallies))
            running.create_task(self._look(operator))

    async def _act(self, systems: Caller, staff: Caller) -> None:
        while not self._stopping.is_set():
            sender = await self._open(systems)
            self.senders.append(sender)
            for number, (act_type, by, fields) in enumerate(JOURNEY):
                act = sender.driver.build_act(act_type, SYSTEM if by == "intake" else by, **fields)
                await self._send(systems if act.by == SYSTEM else staff, sender, act, fields)
                if number == 0:  # it is with the manager now, so this one is refused
                    again = sender.driver.build_act(AskManager, SYSTEM)
                    await self._send(systems, sender, again, {}, refused=True)
                await asyncio.sleep(PAUSE_SECONDS)
            self.journeys += 1

    async def _open(self, caller: Caller) -> ActSender:
        reference = f"{SYSTEM}-{next(self._numbers)}"
        case = {"reference": "K-1", "open": False, "handler": HANDLER}
        asked = form(reference, received_at=now() - timedelta(minutes=1), told_case_handler_on=None, case=case)
        body = asked.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        require(await caller.post("/complaints", self.key, body), 200, 201)
        if self._repeats():
            require(await caller.post("/complaints", self.key, body), 200)
        return ActSender(ComplaintDriver(reference, self.environment.client, self.environment.engine))

    async def _send(self, caller: Caller, sender: ActSender, act: Act, fields: Any, *, refused: bool = False) -> None:
        path = f"/complaints/{sender.driver.reference}/acts/{act.name}"
        token = self.key if act.by == SYSTEM else self.issuer.access_token(act.by)
        body = {"id": act.id, **fields}
        answers = [require(await caller.post(path, token, body), 409 if refused else 200)]
        if self._repeats():
            answers.append(require(await caller.post(path, token, body), answers[0].status_code))
        if len({answer.text for answer in answers}) > 1:
            raise Violation(f"{path}: two answers to one act: {[answer.text for answer in answers]}")
        sender.sent.append(_sent(act, answers[0].json(), refused=refused))

    def _repeats(self) -> bool:
        return self.random.random() < REPEATED

    async def _read_lists(self, caller: Caller, reader: str) -> None:
        while not self._stopping.is_set():
            for path in ("/worklist", "/complaints"):
                require(await caller.get(path, self.issuer.access_token(reader)), 200)
                await asyncio.sleep(READING_PAUSE_SECONDS)

    async def _look(self, caller: Caller) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(READING_PAUSE_SECONDS)
            if not self.senders:
                continue
            payloads = await self._start_payloads(self.random.choice(self.senders).driver.reference)
            body = MessageToDict(Payloads(payloads=payloads))
            answer = require(await caller.post("/decode", self.issuer.access_token(OPERATOR), body), 200)
            seen = answer.json()["payloads"]
            if len(seen) != len(payloads):
                raise Violation(f"{len(payloads)} payloads were sent to the codec server, {len(seen)} came back")
            self.decoded += len(seen)

    async def _start_payloads(self, reference: str) -> Sequence[Any]:
        """Fetch the encrypted input of a complaint's workflow, as Temporal has it."""
        client = self.environment.client
        request = GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace, execution=WorkflowExecution(workflow_id=reference), maximum_page_size=1
        )
        found = await client.workflow_service.get_workflow_execution_history(request)
        return found.history.events[0].workflow_execution_started_event_attributes.input.payloads


def _sent(act: Act, answer: Any, *, refused: bool) -> SentAct:
    if refused:
        return SentAct(act, [GivenAnswer(answer["code"], 0)])
    if act.by == SYSTEM:  # which gets a part of the answer only
        return SentAct(act, is_signalled=True)
    return SentAct(act, [GivenAnswer(Answer.model_validate(answer), 0)])
