"""Acts over HTTP: answered at once, sent as signals, previewed, asked about."""

import asyncio
from datetime import datetime
from importlib import resources
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from complaints.procedure.acts import Acknowledge, LetterHeld, LetterSent, Resolve
from complaints.procedure.permissions import POST_ROOM
from complaints.records.queries import read_events
from complaints.runtime.clock import now
from tests.admin.cli_runner import form
from tests.fixtures.servers import delete_workflow
from tests.starter.api.service import Service
from tests.starter.api.test_intake_requests import open_complaint, wait_for_event

REPLY = {"outcome": "upheld", "findings": "It was slow.", "remedies": [{"kind": "compensation", "pence": 7_500}]}
TAKES_EFFECT_WITHIN = 60.0
"""Seconds."""


async def outcome_of(caller: httpx2.AsyncClient, location: str) -> Any:
    """Wait until an act no longer waits, and return what became of it."""
    async with asyncio.timeout(TAKES_EFFECT_WITHIN):
        while True:
            found = (await caller.get(location)).json()
            if found["state"] in ("done", "refused"):
                return found
            await asyncio.sleep(0.02)


async def test_a_members_act_is_answered_and_their_id_is_its_actor(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts/reply"
    async with service.as_staff("m.okafor") as manager:
        first, again = [await manager.post(path, json={"id": "r-1", **REPLY}) for _ in range(2)]
        outcome = (await manager.get(f"/complaints/{reference}/acts/r-1")).json()
    assert first.status_code == 200, first.text
    assert first.json() == again.json() == outcome["answer"]
    answer = first.json()
    assert (answer["code"], answer["status"], answer["holder"]) == ("done", "awaiting_complainant", "m.okafor")
    history = await wait_for_event(engine, reference, "reply")
    assert [event.by for event in history.events if event.kind == "reply"] == ["m.okafor"]


async def test_an_act_that_is_sent_as_a_signal_says_where_its_outcome_is(
    service: Service, portal: httpx2.AsyncClient
) -> None:
    reference = await open_complaint(portal)
    path, act_id = f"/complaints/{reference}/acts", "odd/id 😀"
    asynchronous = {"Prefer": "wait=5, respond-async"}
    async with service.as_staff("m.okafor") as manager, service.as_staff("h.lee") as handler:
        sent = await manager.post(f"{path}/acknowledge", json={"id": act_id}, headers=asynchronous)
        assert (sent.status_code, sent.json()) == (202, {"id": act_id, "reference": reference, "code": "sent"})
        assert sent.headers["preference-applied"] == "respond-async"
        assert sent.headers["location"] == f"{path}/{quote(act_id, safe='')}"
        done = await outcome_of(manager, sent.headers["location"])
        assert (done["id"], done["state"], done["answer"]["act"]) == (act_id, "done", "acknowledge")
        await handler.post(f"{path}/reply", json={"id": "r-1", **REPLY}, headers=asynchronous)
        refused = await outcome_of(manager, f"{path}/r-1")
        assert (refused["state"], refused["answer"]["code"]) == ("refused", "was_case_handler")
        unknown = (await manager.get(f"{path}/never")).json()
        assert (unknown["state"], unknown["answer"]) == ("unknown", None)


async def test_a_system_does_not_see_what_became_of_an_act_of_staff(
    service: Service, portal: httpx2.AsyncClient
) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts"
    async with service.as_staff("m.okafor") as manager:
        await manager.post(f"{path}/reply", json={"id": "mine", **REPLY})
    assert (await portal.get(f"{path}/mine")).json()["state"] == "unknown"
    await portal.post(f"{path}/escalate", json={"id": "theirs"})
    own = (await portal.get(f"{path}/theirs")).json()
    assert (own["state"], own["answer"]["holder"]) == ("done", None)


async def test_the_record_says_what_became_of_an_act_once_the_workflow_is_gone(
    service: Service, portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    await portal.post(f"/complaints/{reference}/acts/withdraw", json={"id": "w-1"})
    await wait_for_event(engine, reference, "closed")
    await delete_workflow(client, reference)
    async with service.as_staff("op") as staff:
        outcome = (await staff.get(f"/complaints/{reference}/acts/w-1")).json()
        assert (outcome["state"], outcome["answer"]["act"]) == ("done", "withdraw")
        assert (await staff.get("/complaints/NEVER-1/acts/w-1")).status_code == 404


async def test_an_act_id_belongs_to_its_actor(service: Service, portal: httpx2.AsyncClient) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts/case_closed"
    assert (await portal.post(path, json={"id": "c-1"})).status_code == 200
    async with service.as_staff("op") as staff:
        other = await staff.post(path, json={"id": "c-1"})
        assert (other.status_code, other.json()["code"]) == (409, "id_taken")
        await staff.post(path, json={"id": "c-1"}, headers={"Prefer": "respond-async"})
        assert (await staff.get(f"/complaints/{reference}/acts/c-1")).json()["answer"]["code"] == "done"


async def test_an_act_that_is_keyed_for_a_colleague_names_both(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    path = f"/complaints/{reference}/acts/case_closed"
    async with service.as_staff("front-desk") as desk:
        unknown = await desk.post(path, json={"id": "1", "on_behalf_of": "m.okafo"})
        assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_staff")
        assert unknown.json()["errors"] == [{"field": "on_behalf_of", "detail": "there is no m.okafo; m.okafor?"}]
        itself = await desk.post(path, json={"id": "1", "on_behalf_of": "front-desk"})
        assert itself.json()["errors"] == [{"field": "on_behalf_of", "detail": "this is who keys it; leave it out"}]
        assert (await desk.post(path, json={"id": "1", "on_behalf_of": "M.Okafor"})).status_code == 200
    await wait_for_event(engine, reference, "case_closed")
    [keyed] = [each for each in (await read_events(engine, reference)).values() if each.kind == "case_closed"]
    assert (keyed.by, keyed.detail["on_behalf_of"]) == ("front-desk", "m.okafor")
    assert keyed.what == "the case closed, for m.okafor"
    by_system = await portal.post(path, json={"id": "2", "on_behalf_of": "m.okafor"})
    assert by_system.json()["errors"] == [{"field": "on_behalf_of", "detail": "is for staff; leave it out"}]


async def test_a_preview_shows_the_letter_and_changes_nothing(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    history = await wait_for_event(engine, reference, "given_to")
    async with service.as_staff("m.okafor") as manager:
        preview = await manager.post(f"/complaints/{reference}/acts/reply/preview", json={"id": "r-1", **REPLY})
        assert preview.status_code == 200, preview.text
        unknown = (await manager.get(f"/complaints/{reference}/acts/r-1")).json()
    shown = preview.json()
    [letter] = shown["letters"]
    assert (letter["occasion"], "Dear Ada Example" in letter["text"]) == ("reply", True)
    assert (shown["refused"], shown["status"], unknown["state"]) == (None, "awaiting_complainant", "unknown")
    assert {"label": "then", "value": "Manager, awaiting complainant"} in shown["effects"]
    assert (await wait_for_event(engine, reference, "given_to")).sequence == history.sequence


async def test_a_preview_shows_no_letter_to_those_who_may_not_send_it(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    await wait_for_event(engine, reference, "given_to")
    async with service.as_staff("front-desk") as desk:
        preview = await desk.post(f"/complaints/{reference}/acts/reply/preview", json={"id": "r-1", **REPLY})
    assert (preview.json()["code"], preview.json()["letters"]) == ("wrong_role", [])


async def test_a_complaints_clock_says_how_dates_are_read(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    history = await wait_for_event(engine, reference, "given_to")
    async with service.as_staff("op") as staff:
        clock = (await staff.get(f"/complaints/{reference}/clock")).json()
        assert (await staff.get("/complaints/NEVER-1/clock")).status_code == 404
    assert abs(datetime.fromisoformat(clock["now"]) - now()).total_seconds() < 60
    assert (clock["time_zone"], clock["day_first"]) == ("Europe/London", True)
    [manager] = clock["tiers"]
    assert (manager["tier"], datetime.fromisoformat(manager["started_at"])) == ("manager", history.received_at)


async def test_staff_open_a_complaint_from_a_form(service: Service, engine: AsyncEngine) -> None:
    async with service.as_staff("front-desk") as desk:
        complaint_form = form(case={"reference": "K-1", "open": False})
        housing = {"policy": "housing-complaint-handling-code"}
        opened = await desk.post("/complaints", json=complaint_form, params=housing)
        assert opened.status_code == 201, opened.text
        for name in ("none", "../housing-complaint-handling-code", "/etc/passwd.toml"):
            refused = await desk.post("/complaints", json=complaint_form, params={"policy": name})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "policy")
    history = await wait_for_event(engine, complaint_form["reference"], "opened")
    assert (history.events[0].by, history.policy.startswith("housing")) == ("front-desk", True)


async def test_leads_open_a_complaint_under_a_policy_of_their_own(service: Service, engine: AsyncEngine) -> None:
    toml = (resources.files("complaints.policies") / "housing-complaint-handling-code.toml").read_text("utf-8")
    complaint_form = form(case={"reference": "K-1", "open": False})
    given = {"toml": toml.replace('version = "', 'version = "own-', 1), "form": complaint_form}
    async with service.as_staff("front-desk") as desk, service.as_staff("lead.manager") as lead:
        assert (await desk.post("/complaints/under-policy", json=given)).status_code == 403
        invalid = await lead.post("/complaints/under-policy", json=given | {"toml": "tiers = 1"})
        assert {error["field"].partition(".")[0] for error in invalid.json()["errors"]} == {"toml"}
        assert (await lead.post("/complaints/under-policy", json=given)).status_code == 201
    assert "own-" in (await wait_for_event(engine, complaint_form["reference"], "opened")).policy


async def test_an_update_says_neither_when_it_was_sent_nor_what_the_product_reports(
    portal: httpx2.AsyncClient, client: Client
) -> None:
    reference = await open_complaint(portal)
    handle = client.get_workflow_handle(reference)
    for act, code in (
        (Resolve(id="1", by="op", made_at=now()), "unreadable"),
        (LetterSent(id="2", by=POST_ROOM, letter=3), "wrong_role"),
    ):
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await handle.execute_update(act.name, act)
        assert isinstance(failed.value.cause, ApplicationError)
        assert failed.value.cause.type == code


async def test_what_the_product_reports_of_a_letter_must_be_on_the_record(
    portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    acknowledge = Acknowledge(id="a", by="m.okafor")
    handle = client.get_workflow_handle(reference)
    await handle.execute_update(acknowledge.name, acknowledge)
    history = await wait_for_event(engine, reference, "letter")
    letter = next(event.sequence for event in history.events if event.kind == "letter")
    forged = LetterHeld(id="h", by=POST_ROOM, letter=letter, reason="It came back.")
    await handle.signal(forged.name, forged)
    history = await wait_for_event(engine, reference, "refused")
    assert [event.kind for event in history.events][-2:] == ["refused", "alerted"]
    assert "letter_held" not in {event.kind for event in history.events}
