"""What staff read over HTTP: complaints, lists, a search and worklists; who reads words."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.acts import Reassign, Reply, Withdraw
from complaints.records.callers import readings
from complaints.runtime.clock import now
from starter.service import reading_log
from tests.fixtures.servers import delete_workflow
from tests.starter.api.service import Service, serving
from tests.starter.api.test_intake_requests import open_complaint, send_act, wait_for_event

WORDS = "Nobody rang me back."
STRANGER, MANAGER, LEAD, AUDITOR, OTHER_LEAD = "op", "m.okafor", "lead.manager", "a.ridley", "lead.team"


async def opened(portal: httpx2.AsyncClient, engine: AsyncEngine, **changes: Any) -> str:
    """Open a complaint, and wait until it is on the record with its holder."""
    reference = await open_complaint(portal, **changes)
    await wait_for_event(engine, reference, "given_to")
    return reference


async def get(service: Service, caller_id: str, path: str, **parameters: Any) -> httpx2.Response:
    async with service.as_staff(caller_id) as caller:
        return await caller.get(path, params=parameters)


async def test_any_staff_see_status_dates_and_codes_without_words(
    service: Service, portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await opened(portal, engine)
    remedies = [{"kind": "action", "what": "write to the bank"}]
    fields = {"outcome": "upheld", "findings": "The rota had a hole.", "remedies": remedies}
    await send_act(client, reference, Reply.model_validate({"id": "r", "by": MANAGER, **fields}))
    await wait_for_event(engine, reference, "reply")
    answer = await get(service, STRANGER, f"/complaints/{reference}/history")
    assert (answer.status_code, answer.headers["complaints-source"]) == (200, "workflow")
    history = answer.json()
    assert history["status"] == "awaiting_complainant"
    assert [event["kind"] for event in history["events"]][:2] == ["opened", "admitted"]
    for words in (WORDS, "Ada", "ada@example.org", "bank", "rota", "words", "readers", "form"):
        assert words not in answer.text
    assert [each["what"] for each in history["undertakings"]] == [""]
    seen = (await get(service, MANAGER, f"/complaints/{reference}/history")).json()
    assert [each["what"] for each in seen["undertakings"]] == ["write to the bank"]
    refused = await get(service, STRANGER, f"/complaints/{reference}/history", words=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_part")


@pytest.mark.parametrize("staff", [MANAGER, LEAD, "h.lee", AUDITOR])
async def test_who_has_a_part_and_an_auditor_read_words(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine, staff: str
) -> None:
    reference = await opened(portal, engine)
    history = (await get(service, staff, f"/complaints/{reference}/history", words=True)).json()
    assert history["events"][0]["words"] == {"concern 1": WORDS}
    assert history["form"]["complainant"]["name"] == "Ada Example"
    assert (await get(service, OTHER_LEAD, f"/complaints/{reference}/history", words=True)).status_code == 403


async def test_a_wait_is_a_number_of_seconds(service: Service) -> None:
    for number in ("nan", "inf", "-1", "x"):
        assert (await get(service, STRANGER, "/worklist/changes", wait=number)).status_code == 422


async def test_each_reading_of_words_is_on_the_record(
    client: Client, portal: httpx2.AsyncClient, engine: AsyncEngine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await opened(portal, engine)
    monkeypatch.setattr(reading_log, "WRITE_SECONDS", 0.02)
    async with serving(client, engine, service.key) as own:
        for staff, words in ((MANAGER, True), (MANAGER, True), (MANAGER, False), (STRANGER, True), (AUDITOR, True)):
            await get(own, staff, f"/complaints/{reference}/history", words=words)
        async with own.as_staff(LEAD) as caller:
            found = (await caller.post("/search", json={"text": reference})).json()
        assert [each["reference"] for each in found] == [reference]
        async with asyncio.timeout(60):
            while sum(each.times for each in await readings.list_readings(engine, reference)) < 4:
                pass
        answer = await get(own, AUDITOR, f"/complaints/{reference}/readings")
        assert {(each["staff"], each["times"]) for each in answer.json()} == {(MANAGER, 2), (AUDITOR, 1), (LEAD, 1)}
        assert (await get(own, MANAGER, f"/complaints/{reference}/readings")).status_code == 403
        assert (await get(own, LEAD, "/complaints/NEVER-1/readings")).status_code == 404


async def test_deadlines_have_the_reasons_of_their_moves_for_those_with_a_part(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await opened(portal, engine)
    answer = await get(service, STRANGER, f"/complaints/{reference}/deadlines")
    assert [ledger["deadline"]["kind"] for ledger in answer.json()] == ["acknowledgement", "reply"]
    assert (await get(service, STRANGER, "/complaints/NEVER-1/deadlines")).status_code == 404
    assert (await get(service, STRANGER, "/complaints/a%20b/history")).status_code == 404


async def test_the_record_answers_where_temporal_has_nothing_and_the_answer_says_so(
    service: Service, portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    lost, ended = await opened(portal, engine), await opened(portal, engine)
    await client.get_workflow_handle(lost).terminate("by mistake")
    await send_act(client, ended, Withdraw(id="w", by=MANAGER))
    await wait_for_event(engine, ended, "closed")
    await delete_workflow(client, ended)
    for reference, source in ((lost, "lost"), (ended, "record")):
        for path in ("history", "deadlines"):
            answer = await get(service, MANAGER, f"/complaints/{reference}/{path}")
            assert (answer.status_code, answer.headers["complaints-source"]) == (200, source)


async def test_staff_list_complaints_with_filters_a_line_for_each(
    service: Service, portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await opened(portal, engine)
    act = Reassign(id="1", by="lead", to="m.40", reason="For her.")
    await send_act(client, reference, act)
    async with asyncio.timeout(60):
        while True:
            answer = await get(service, STRANGER, "/complaints", holder="m.40", tier="manager", overdue=False)
            listed = [json.loads(line) for line in answer.text.splitlines()]
            if reference in [view["reference"] for view in listed]:
                break
    assert answer.headers["content-type"] == "application/jsonl"
    assert len((await get(service, STRANGER, "/complaints", all=True, limit=1)).text.splitlines()) == 1
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    assert (await get(service, STRANGER, "/complaints", holder="m.40", due_before=tomorrow)).text == ""


async def test_every_invalid_filter_is_named_with_the_nearest_name(service: Service) -> None:
    answer = await get(service, STRANGER, "/complaints", tier="managers", holder="m.okafro", closed=True, all=True)
    assert answer.status_code == 422
    assert [(error["field"], error["detail"]) for error in answer.json()["errors"]] == [
        ("", "closed, all: give only one of them"),
        ("tier", "there is no managers; manager?"),
        ("holder", "there is no m.okafro; m.okafor?"),
    ]
    filters = {"tier": "A!", "status": "lost", "limit": "0", "due_before": "soon", "size": "9", "overdue": "maybe"}
    answer = await get(service, STRANGER, "/complaints", **filters)
    assert sorted(error["field"] for error in answer.json()["errors"]) == sorted(filters)
    twice = await get(service, STRANGER, "/complaints", tier=["manager", "manager"])
    assert twice.json()["errors"] == [{"field": "tier", "detail": "is given twice; give it once"}]


async def test_a_search_finds_complaints_in_which_the_caller_has_a_part(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    complainant = {"name": "Wil Thornbury", "capacity": "customer", "email": "w@example.org", "prefers": "email"}
    reference = await opened(portal, engine, complainant=complainant)
    found = {}
    for staff in (MANAGER, AUDITOR, STRANGER, OTHER_LEAD):
        async with service.as_staff(staff) as caller:
            found[staff] = (await caller.post("/search", json={"text": "thornbury"})).json()
            empty = await caller.post("/search", json={"text": " ' ", "limit": 0})
            assert empty.status_code == 422
    assert {staff: len(each) for staff, each in found.items()} == {MANAGER: 1, AUDITOR: 1, STRANGER: 0, OTHER_LEAD: 0}
    assert (found[MANAGER][0]["reference"], found[MANAGER][0]["name"]) == (reference, "Wil Thornbury")


async def test_a_worklist_is_its_owners_their_leads_and_auditors(
    service: Service, portal: httpx2.AsyncClient, client: Client, engine: AsyncEngine
) -> None:
    reference = await opened(portal, engine)
    before = (await get(service, "m.41", "/worklist/changes")).json()
    waiting = asyncio.create_task(get(service, "m.41", "/worklist/changes", version=before["version"]))
    await send_act(client, reference, Reassign(id="1", by="lead", to="m.41", reason="For her."))
    after = (await waiting).json()
    assert after["version"] != before["version"]
    assert reference in [task["reference"] for task in after["tasks"]]
    for staff, status in (("m.41", 200), (LEAD, 200), (AUDITOR, 200), (OTHER_LEAD, 403), (MANAGER, 403)):
        answer = await get(service, staff, "/worklist", staff="m.41")
        assert answer.status_code == status
        if status == 200:
            assert reference in [task["reference"] for task in answer.json()]
    unknown = await get(service, LEAD, "/worklist", staff="work.listr")
    assert unknown.json()["errors"] == [{"field": "staff", "detail": "there is no work.listr; work.lister?"}]


async def test_a_wait_ends_with_the_service(client: Client, engine: AsyncEngine, service: Service) -> None:
    async with serving(client, engine, service.key) as own:
        version = (await get(own, "op", "/worklist/changes")).json()["version"]
        waiting = asyncio.create_task(get(own, "op", "/worklist/changes", version=version, wait=30))
        await asyncio.sleep(0.2)
    assert (await waiting).json()["version"] == version


async def test_a_preview_for_somebody_without_a_part_has_no_words(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await opened(portal, engine)
    previews = {}
    for staff in (STRANGER, MANAGER):
        async with service.as_staff(staff) as caller:
            path = f"/complaints/{reference}/acts/withdraw/preview"
            previews[staff] = await caller.post(path, json={"id": "w", "reason": "It is no use."})
    assert "Ada Example" in previews[MANAGER].text
    for words in ("Ada", "ada@example.org", "K-1", WORDS):
        assert words not in previews[STRANGER].text
    [letter] = previews[STRANGER].json()["letters"]
    assert (letter["occasion"], letter["problem"]) == ("closed", "you have no part in this complaint")
