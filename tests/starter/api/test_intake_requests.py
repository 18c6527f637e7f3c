"""Requests of intake systems: open a complaint, read it, and send acts."""

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
RECORDED_WITHIN = 60.0
"""Seconds."""


async def open_complaint(portal: httpx2.AsyncClient, **changes: Any) -> str:
    answer = await portal.post("/complaints", json=form(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


async def send_act(client: Client, reference: str, act: Act) -> None:
    await client.get_workflow_handle(reference).execute_update(act.name, act, id=act.id)


async def wait_for_event(engine: AsyncEngine, reference: str, kind: str) -> ComplaintHistory:
    """Wait until the record has an event of this kind; return the history."""
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            history = await queries.read_history(engine, reference)
            if history and any(event.kind == kind for event in history.events):
                return history
            await asyncio.sleep(0.02)


async def open_and_reply(client: Client, engine: AsyncEngine, portal: httpx2.AsyncClient, **changes: Any) -> str:
    """Open a complaint and send a manager's reply; return the reference once it is recorded."""
    reference = await open_complaint(portal, **changes)
    fields = {"outcome": "upheld", "findings": FINDINGS, "remedies": [{"kind": "compensation", "pence": 7_500}]}
    await send_act(client, reference, Reply.model_validate({"id": "r", "by": "m.okafor", **fields}))
    await wait_for_event(engine, reference, "reply")
    return reference


async def test_a_form_becomes_a_complaint_once(portal: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    complaint_form = form()
    first, again = [await portal.post("/complaints", json=complaint_form) for _ in range(2)]
    expected = {"reference": complaint_form["reference"], "is_new": True, "closed_at": None, "closing_reason": None}
    assert (first.status_code, first.json()) == (201, expected)
    assert (again.status_code, again.json()) == (200, expected | {"is_new": False})
    assert first.headers["location"] == f"/complaints/{complaint_form['reference']}"
    history = await wait_for_event(engine, complaint_form["reference"], "opened")
    assert history.events[0].by == "portal"


async def test_another_form_under_its_reference_is_refused(portal: httpx2.AsyncClient) -> None:
    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    refused = await portal.post("/complaints", json=complaint_form | {"put_right": "Say sorry."})
    assert (refused.status_code, refused.json()["code"]) == (409, "reference_taken")
    assert refused.headers["content-type"] == "application/problem+json"


async def test_every_error_names_its_field(portal: httpx2.AsyncClient) -> None:
    complaint_form = form(
        reference="a b", shoe_size=9, complainant={"name": "", "capacity": "customer", "prefers": "email"}
    )
    refused = await portal.post("/complaints", json=complaint_form)
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


async def test_an_error_found_by_the_procedure_names_its_field_too(portal: httpx2.AsyncClient) -> None:
    refused = await portal.post("/complaints", json=form(told_case_handler_on="2199-01-01"))
    assert refused.json()["errors"] == [{"field": "told_case_handler_on", "detail": "give a day not after received_at"}]


async def test_an_idempotency_key_must_equal_the_reference(portal: httpx2.AsyncClient) -> None:
    complaint_form = form()
    refused = await portal.post("/complaints", json=complaint_form, headers={"Idempotency-Key": '"8e03978e"'})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    accepted = await portal.post(
        "/complaints", json=complaint_form, headers={"Idempotency-Key": f'"{complaint_form["reference"]}"'}
    )
    assert accepted.status_code == 201


async def test_a_complaint_is_read_with_its_status_tier_and_due_dates(portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    shown = (await portal.get(f"/complaints/{reference}")).json()
    assert (shown["status"], shown["tier"]) == ("awaiting_acknowledgement", "manager")
    assert [(due["what"], due["overdue"]) for due in shown["due"]] == [("acknowledgement", False), ("reply", False)]


async def test_findings_are_included_only_on_request_and_with_the_scope(
    portal: httpx2.AsyncClient, service: Service, client: Client, engine: AsyncEngine
) -> None:
    reference = await open_and_reply(client, engine, portal)
    plain = await portal.get(f"/complaints/{reference}")
    for word in (FINDINGS, "upheld", "compensation", "okafor", "findings"):
        assert word not in plain.text
    findings = (await portal.get(f"/complaints/{reference}", params={"include": "findings"})).json()["findings"]
    [reply] = findings["replies_and_opinions"]
    assert (reply["outcome"], reply["words"], reply["tier"]) == ("upheld", FINDINGS, "manager")
    assert reply["remedies"] == [{"kind": "compensation", "what": None, "pence": 7_500}]
    assert [undertaking["what"] for undertaking in findings["undertakings"]] == ["compensation of £75.00"]
    key = await add_system(engine, "reader", [Scope.READ, Scope.ALL])
    async with service.client(key) as reader:
        assert (await reader.get(f"/complaints/{reference}")).status_code == 200
        assert (await reader.get(f"/complaints/{reference}", params={"include": "findings"})).status_code == 403


async def test_an_act_takes_effect_once_and_its_actor_is_the_system(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await open_and_reply(client, engine, portal)
    act = {"id": "portal-1", "reason": "Still nobody rang."}
    first, again = [await portal.post(f"/complaints/{reference}/acts/escalate", json=act) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert (first.json()["act"], first.json()["tier"]) == ("escalate", "customer_complaints_team")
    history = await wait_for_event(engine, reference, "escalate")
    assert [event.by for event in history.events if event.kind == "escalate"] == ["portal"]


async def test_every_act_of_an_intake_system_is_accepted(portal: httpx2.AsyncClient) -> None:
    early = await open_complaint(portal, told_case_handler_on=None)
    path = f"/complaints/{early}/acts"
    for number, act in enumerate(("ask_manager", "case_closed", "case_reopened", "withdraw")):
        answer = await portal.post(f"{path}/{act}", json={"id": str(number)})
        assert (answer.status_code, answer.json()["act"]) == (200, act)
    other = await open_complaint(portal)
    answer = await portal.post(f"/complaints/{other}/acts/resolve", json={"id": "1"})
    assert answer.json()["status"] == "closed"
    assert (await portal.post(f"{path}/reply", json={"id": "1"})).status_code == 403


async def test_a_refused_act_has_a_code_and_a_sentence(portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    refused = await portal.post(f"/complaints/{reference}/acts/escalate", json={"id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_early")
    assert refused.json()["detail"].startswith("It is too early to go to Customer Complaints team")
    accepted = await portal.post(f"/complaints/{reference}/acts/case_closed", json={"id": "2"})
    assert accepted.status_code == 200
    other = await portal.post(f"/complaints/{reference}/acts/withdraw", json={"id": "2"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")


async def test_a_request_by_an_intake_system_that_is_too_early_is_answered_to_the_complainant(
    portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    act = {"id": "1", "to": "independent_assessor"}
    refused = await portal.post(f"/complaints/{reference}/acts/escalate", json=act)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_early")
    history = await wait_for_event(engine, reference, "refused")
    assert [event.kind for event in history.events][-3:] == ["refused", "alerted", "letter"]
    stated = await portal.post(f"/complaints/{reference}/acts/escalate", json=act | {"from_complainant": False})
    assert stated.status_code == 422


async def test_information_is_added_and_contact_details_change(portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts"
    concern = {"aspect": "delay", "what_happened": "It went on."}
    added = await portal.post(f"{path}/add_information", json={"id": "1", "concern": concern})
    assert (added.status_code, added.json()["act"]) == (200, "add_information")
    changed = await portal.post(f"{path}/change_contact", json={"id": "2", "needs": {"large_print": True}})
    assert changed.status_code == 200
    nothing = await portal.post(f"{path}/add_information", json={"id": "3"})
    assert nothing.status_code == 422
    assert nothing.json()["errors"][0]["detail"] == "give at least one of concern, communication, put_right and note"


async def test_other_content_under_a_known_id_is_refused(portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts/case_closed"
    first = await portal.post(path, json={"id": "1", "on": "2026-03-02T10:00Z"})
    assert first.status_code == 200
    other = await portal.post(path, json={"id": "1", "on": "2026-03-02T11:00Z"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    again = await portal.post(path, json={"id": "1", "on": "2026-03-02T11:00+01:00"})
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_request_cannot_set_the_actor_or_the_time(portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    for field in ("by", "made_at"):
        refused = await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1", field: "m.okafor"})
        assert refused.json()["errors"] == [{"field": field, "detail": "there is no such field; leave it out"}]


async def test_an_unknown_complaint_is_not_found(portal: httpx2.AsyncClient) -> None:
    for reference in ("NEVER-1", "no%20reference"):
        for answer in (
            await portal.get(f"/complaints/{reference}"),
            await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_complaint")


async def test_a_complaint_that_temporal_has_deleted_is_answered_from_the_record(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    reference = complaint_form["reference"]
    await portal.post(f"/complaints/{reference}/acts/withdraw", json={"id": "w"})
    await wait_for_event(engine, reference, "closed")
    await delete_workflow(client, reference)
    again = await portal.post("/complaints", json=complaint_form)
    assert (again.status_code, again.json()["closing_reason"]) == (200, "withdrawn")
    assert (await portal.get(f"/complaints/{reference}")).json()["status"] == "closed"
    refused = await portal.post(f"/complaints/{reference}/acts/resolve", json={"id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "closed")
