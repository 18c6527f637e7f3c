"""R11's table, over HTTP: every act in every role, on complaints that would take it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import Scope
from complaints.procedure.views.views import ComplaintHistory
from complaints.records.queries import read_state
from starter.api.act_bodies import STAFF_ACTS
from tests.starter.api.service import Service, add_system
from tests.starter.api.test_intake_requests import open_complaint, wait_for_event

STAFF = {
    "the complaint's own case handler": "h.lee",
    "case handler": "hanna",
    "holder": "m.okafor",
    "manager": "m.silva",
    "team": "t.abara",
    "assessor": "i.assessor",
    "lead of managers": "lead.manager",
    "lead of the team": "lead.team",
    "lead of the assessor": "ia.moreau",
    "administrator": "op",
    "auditor": "au.ditor",
    "no role": "front-desk",
}
SYSTEM, READER = "system", "system without the scope act"
EVERYBODY = {SYSTEM, *STAFF}
LEADS = {"lead of managers", "lead of the team", "lead of the assessor"}
MANAGERS = {"holder", "manager"}
HOLDER_OR_LEAD = {"holder", "lead of managers"}
REVIEWERS = {"assessor", "lead of the assessor"}
FORBIDDEN = {"no_such_right", "wrong_role", "was_case_handler", "acted_earlier", "assessor_holds_other_role"}

REASON = {"reason": "It was another file."}
UPHELD = {"outcome": "upheld", "findings": "It was slow.", "remedies": [{"kind": "compensation", "pence": 7_500}]}
NOT_UPHELD = {"outcome": "not_upheld", "findings": "We were in time."}
ON_LEAVE = {"to": "m.1", "reason": "On leave."}
OUT_OF_TIME = {"reference": "K-1", "open": False, "answered_on": "2025-01-06", "handler": "h.lee"}
tried: set[str] = set()
"""Names of the acts that the tests of this file have tried."""


@dataclass
class Office:
    """A client for each role, and the complaint that they act on."""

    callers: dict[str, httpx2.AsyncClient]
    engine: AsyncEngine
    reference: str = ""
    number: int = 0

    async def open(self, **changes: Any) -> None:
        self.reference = await open_complaint(self.callers[SYSTEM], **changes)

    async def opened_at_first_tier(self) -> ComplaintHistory:
        await self.open()
        return await wait_for_event(self.engine, self.reference, "given_to")

    async def send(self, role: str, act: str, suffix: str = "", **fields: Any) -> httpx2.Response:
        self.number += 1
        path = f"/complaints/{self.reference}/acts/{act}{suffix}"
        return await self.callers[role].post(path, json={"id": f"act {self.number}", **fields})

    async def does(self, role: str, act: str, **fields: Any) -> None:
        answer = await self.send(role, act, **fields)
        assert answer.status_code == 200, (role, act, answer.text)

    async def tries(self, act: str, may: set[str], *, does: str | None = None, **fields: Any) -> None:
        """Try the act in every role; those who may do it preview it, and one of them `does` it."""
        tried.add(act)
        for role in self.callers:
            if role not in may:
                refused = await self.send(role, act, **fields)
                assert refused.status_code in (403, 409), (role, act, refused.text)
                assert refused.json()["code"] in FORBIDDEN, (role, act, refused.text)
            elif role != SYSTEM:
                preview = await self.send(role, act, "/preview", **fields)
                assert preview.status_code == 200, (role, act, preview.text)
                assert preview.json()["refused"] is None, (role, act, preview.text)
        if does:
            await self.does(does, act, **fields)


@pytest.fixture
async def office(service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        callers = {role: await stack.enter_async_context(service.as_staff(staff)) for role, staff in STAFF.items()}
        callers[SYSTEM] = portal
        key = await add_system(engine, f"reader-{id(callers)}", [Scope.READ])
        callers[READER] = await stack.enter_async_context(service.client(key))
        yield Office(callers, engine)


async def test_at_the_case_handlers_step(office: Office) -> None:
    await office.open(told_case_handler_on=None)
    await office.tries("settle", {"the complaint's own case handler", "case handler"}, explanation="We rang.")
    await office.tries("ask_manager", EVERYBODY, does=SYSTEM)


async def test_at_a_tier(office: Office) -> None:
    history = await office.opened_at_first_tier()
    for act, fields in (
        ("case_closed", {}),
        ("case_reopened", {}),
        ("add_information", {"note": "They rang."}),
        ("change_contact", {"needs": {"large_print": True}}),
    ):
        await office.tries(act, EVERYBODY, does=SYSTEM, **fields)
    await office.tries("resolve", EVERYBODY)
    await office.tries("withdraw", EVERYBODY)
    await office.tries("close_in_error", LEADS, **REASON)
    await office.tries("classify", HOLDER_OR_LEAD, concern=1, aspect="other_service", **REASON)
    await office.tries("reassign", HOLDER_OR_LEAD, **ON_LEAVE)
    [reply] = [each for each in history.deadlines if each.kind == "reply"]
    state = await read_state(office.engine, office.reference)
    assert state
    later = state.calendar.working_day_after(reply.due_on, 1)
    await office.tries("extend", MANAGERS, to=f"{later}", explanation="We wait.")
    await office.tries("acknowledge", MANAGERS, does="holder")
    history = await wait_for_event(office.engine, office.reference, "letter")
    letter = next(event.sequence for event in history.events if event.kind == "letter")
    await office.tries("letter_held", {*STAFF}, does="no role", letter=letter, **REASON)
    await office.tries("letter_sent", {*STAFF}, does="no role", letter=letter)
    await office.tries("reply", MANAGERS, does="holder", **UPHELD)
    await office.tries("correct", HOLDER_OR_LEAD, **NOT_UPHELD, **REASON)
    await office.tries("reassign_undertaking", HOLDER_OR_LEAD, undertaking=1, **ON_LEAVE)
    await office.tries("carry_out", HOLDER_OR_LEAD, does="lead of managers", undertaking=1)
    await office.tries("not_carried_out", {"lead of managers"}, undertaking=1, **REASON)
    await office.tries("escalate", EVERYBODY, does=SYSTEM)


async def test_of_a_closed_complaint(office: Office) -> None:
    await office.opened_at_first_tier()
    await office.does(SYSTEM, "withdraw")
    await office.tries("reopen", {"lead of managers"}, **REASON)
    await office.open(case=OUT_OF_TIME)
    await office.tries("accept_late", {"lead of managers"}, **REASON)


async def test_at_the_assessor(office: Office) -> None:
    await office.opened_at_first_tier()
    await office.does(SYSTEM, "case_closed")
    await office.does("holder", "reply", **NOT_UPHELD)
    await office.does(SYSTEM, "escalate")
    await office.does("team", "reply", **NOT_UPHELD)
    await office.does(SYSTEM, "escalate")
    await office.tries("decline_review", REVIEWERS, ground="enquiry_only", explanation="You asked how.")
    await office.tries("accept_review", REVIEWERS, does="assessor")
    opinion = {"satisfactory": False, "explanation": "You waited.", "recommendations": [{"kind": "apology"}]}
    await office.tries("give_opinion", REVIEWERS, does="assessor", **opinion)
    service_leads = {"lead of managers", "lead of the team"}
    await office.tries("answer_recommendation", service_leads, recommendation=1, accepted=True)


def test_every_act_was_tried() -> None:
    assert tried == {act.name for act in STAFF_ACTS}
