"""What intake systems do over HTTP: open a complaint, ask for it, tell what complainants and the case system say."""

import asyncio
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.api_keys import Scope
from complaints.procedure.acts import Act, Reply
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from tests.admin.cli_runner import form
from tests.fixtures.servers import delete_workflow
from tests.starter.api.service import Service, add_system

FINDINGS = "Nobody rang because the rota had a hole."
RECORDED_WITHIN = 10.0
"""Seconds."""


async def opened(portal: httpx2.AsyncClient, **changes: Any) -> str:
    answer = await portal.post("/complaints", json=form(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


async def told(client: Client, reference: str, act: Act) -> None:
    await client.get_workflow_handle(reference).execute_update(act.name, act, id=act.id)


async def recorded(engine: AsyncEngine, reference: str, kind: str) -> ComplaintHistory:
    """The record, once it has such an event."""
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            story = await queries.read_history(engine, reference)
            if story and any(event.kind == kind for event in story.events):
                return story
            await asyncio.sleep(0.02)


async def replied(client: Client, engine: AsyncEngine, portal: httpx2.AsyncClient) -> str:
    """The reference of a complaint that a manager has answered."""
    reference = await opened(portal)
    given = {"outcome": "upheld", "findings": FINDINGS, "remedies": [{"kind": "compensation", "pence": 7_500}]}
    await told(client, reference, Reply.model_validate({"id": "r", "by": "m.okafor", **given}))
    await recorded(engine, reference, "reply")
    return reference


async def test_a_form_becomes_a_complaint_once(portal: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    given = form()
    first, again = [await portal.post("/complaints", json=given) for _ in range(2)]
    expected = {"reference": given["reference"], "is_new": True, "closed_at": None, "closing_reason": None}
    assert (first.status_code, first.json()) == (201, expected)
    assert (again.status_code, again.json()) == (200, expected | {"is_new": False})
    assert first.headers["location"] == f"/complaints/{given['reference']}"
    story = await recorded(engine, given["reference"], "opened")
    assert story.events[0].by == "portal"


async def test_another_form_under_its_reference_is_refused(portal: httpx2.AsyncClient) -> None:
    given = form()
    await portal.post("/complaints", json=given)
    refused = await portal.post("/complaints", json=given | {"put_right": "Say sorry."})
    assert (refused.status_code, refused.json()["code"]) == (409, "reference_taken")
    assert refused.headers["content-type"] == "application/problem+json"


async def test_every_mistake_is_told_with_its_field(portal: httpx2.AsyncClient) -> None:
    given = form(reference="a b", shoe_size=9, complainant={"name": "", "capacity": "customer", "prefers": "email"})
    refused = await portal.post("/complaints", json=given)
    assert refused.status_code == 422
    problem = refused.json()
    assert {name: problem[name] for name in ("type", "title", "status", "code")} == {
        "type": "urn:complaints:problem:mistakes",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "mistakes",
    }
    assert problem["errors"] == [
        {"field": "reference", "detail": "give a reference of up to 64 letters, digits and . _ -"},
        {"field": "complainant.name", "detail": "must not be empty"},
        {"field": "shoe_size", "detail": "there is no such field; leave it out"},
    ]


async def test_what_only_the_procedure_sees_is_told_alike(portal: httpx2.AsyncClient) -> None:
    refused = await portal.post("/complaints", json=form(told_case_handler_on="2199-01-01"))
    assert refused.json()["errors"] == [{"field": "told_case_handler_on", "detail": "give a day not after received_at"}]


async def test_an_idempotency_key_may_only_repeat_the_reference(portal: httpx2.AsyncClient) -> None:
    given = form()
    refused = await portal.post("/complaints", json=given, headers={"Idempotency-Key": '"8e03978e"'})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    taken = await portal.post("/complaints", json=given, headers={"Idempotency-Key": f'"{given["reference"]}"'})
    assert taken.status_code == 201


async def test_it_is_told_where_a_complaint_stands_and_what_is_due(portal: httpx2.AsyncClient) -> None:
    reference = await opened(portal)
    shown = (await portal.get(f"/complaints/{reference}")).json()
    assert (shown["status"], shown["tier"]) == ("awaiting_acknowledgement", "manager")
    assert [(due["what"], due["overdue"]) for due in shown["due"]] == [("acknowledgement", False), ("reply", False)]


async def test_it_is_told_nothing_of_findings_unless_it_asks_and_may(
    portal: httpx2.AsyncClient, service: Service, client: Client, engine: AsyncEngine
) -> None:
    reference = await replied(client, engine, portal)
    plain = await portal.get(f"/complaints/{reference}")
    for word in (FINDINGS, "upheld", "compensation", "okafor", "findings"):
        assert word not in plain.text
    asked = (await portal.get(f"/complaints/{reference}", params={"include": "findings"})).json()["findings"]
    [found] = asked["replies_and_opinions"]
    assert (found["outcome"], found["words"], found["tier"]) == ("upheld", FINDINGS, "manager")
    assert found["remedies"] == [{"kind": "compensation", "what": None, "pence": 7_500}]
    assert [promised["what"] for promised in asked["undertakings"]] == ["compensation of £75.00"]
    key = await add_system(engine, "reader", [Scope.READ])
    async with service.client(key) as reader:
        assert (await reader.get(f"/complaints/{reference}")).status_code == 200
        assert (await reader.get(f"/complaints/{reference}", params={"include": "findings"})).status_code == 403


async def test_an_act_takes_effect_once_and_its_actor_is_the_system(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await replied(client, engine, portal)
    act = {"id": "portal-1", "reason": "Still nobody rang."}
    first, again = [await portal.post(f"/complaints/{reference}/acts/escalate", json=act) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert (first.json()["act"], first.json()["tier"]) == ("escalate", "customer_complaints_team")
    story = await recorded(engine, reference, "escalate")
    assert [event.by for event in story.events if event.kind == "escalate"] == ["portal"]


async def test_every_act_that_a_system_may_tell_is_taken(portal: httpx2.AsyncClient) -> None:
    early = await opened(portal, told_case_handler_on=None)
    path = f"/complaints/{early}/acts"
    for number, act in enumerate(("ask_manager", "case_closed", "case_reopened", "withdraw")):
        answer = await portal.post(f"{path}/{act}", json={"id": str(number)})
        assert (answer.status_code, answer.json()["act"]) == (200, act)
    other = await opened(portal)
    answer = await portal.post(f"/complaints/{other}/acts/resolve", json={"id": "1"})
    assert answer.json()["status"] == "closed"
    assert (await portal.post(f"{path}/reply", json={"id": "1"})).status_code == 404


async def test_a_refused_act_has_a_code_and_a_sentence(portal: httpx2.AsyncClient) -> None:
    reference = await opened(portal)
    refused = await portal.post(f"/complaints/{reference}/acts/escalate", json={"id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_early")
    assert refused.json()["detail"].startswith("It is too early to go to Customer Complaints team")
    taken = await portal.post(f"/complaints/{reference}/acts/case_closed", json={"id": "2"})
    assert taken.status_code == 200
    other = await portal.post(f"/complaints/{reference}/acts/withdraw", json={"id": "2"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")


async def test_nobody_says_who_acts_but_the_key(portal: httpx2.AsyncClient) -> None:
    reference = await opened(portal)
    for field in ("by", "made_at"):
        refused = await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1", field: "m.okafor"})
        assert refused.json()["errors"] == [{"field": field, "detail": "there is no such field; leave it out"}]


async def test_of_an_unknown_complaint_nothing_is_known(portal: httpx2.AsyncClient) -> None:
    for reference in ("NEVER-1", "no%20reference"):
        for answer in (
            await portal.get(f"/complaints/{reference}"),
            await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_complaint")


async def test_once_only_the_record_remembers_it_the_answers_are_the_same(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    given = form()
    await portal.post("/complaints", json=given)
    reference = given["reference"]
    await portal.post(f"/complaints/{reference}/acts/withdraw", json={"id": "w"})
    await recorded(engine, reference, "closed")
    await delete_workflow(client, reference)
    again = await portal.post("/complaints", json=given)
    assert (again.status_code, again.json()["closing_reason"]) == (200, "withdrawn")
    assert (await portal.get(f"/complaints/{reference}")).json()["status"] == "closed"
    refused = await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "closed")
