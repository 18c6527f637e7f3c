"""Retention, erasure, letters, reports and exports over HTTP: who may, and what is answered."""

import json

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.erasure import find_tombstone
from starter.api.app import ROUTES
from starter.api.routes import letters, reports, retention
from tests.starter.api.service import Service
from tests.starter.api.test_intake_requests import open_complaint, wait_for_event

SPAN = {"from": "2012-04-01", "to": "2013-03-31"}
LEADS_AND_ADMINISTRATORS = {"lead.manager", "op"}
READERS = LEADS_AND_ADMINISTRATORS | {"au.ditor"}
STAFF = READERS | {"m.okafor", "h.lee", "i.assessor"}
RIGHTS: tuple[tuple[str, str, dict[str, str], set[str]], ...] = (
    ("GET", "/retention", {}, STAFF),
    ("GET", "/retention/runs/last", {}, LEADS_AND_ADMINISTRATORS),
    ("GET", "/complaints/NEVER-1/erasure", {}, LEADS_AND_ADMINISTRATORS),
    ("GET", "/letters", {"of": "NEVER-1"}, STAFF),
    ("GET", "/reports/timeliness", SPAN, READERS),
    ("GET", "/export", SPAN, READERS),
    ("GET", "/export", {**SPAN, "words": "true"}, {"op", "au.ditor"}),
)


@pytest.mark.parametrize(("method", "path", "query", "entitled"), RIGHTS)
async def test_only_those_with_the_right_are_answered(
    service: Service, method: str, path: str, query: dict[str, str], entitled: set[str]
) -> None:
    for staff in sorted(STAFF):
        async with service.as_staff(staff) as caller:
            answer = await caller.request(method, path, params=query)
            assert (answer.status_code == 403) == (staff not in entitled), (staff, answer.text)


def test_the_routes_are_served() -> None:
    assert {letters.add_routes, reports.add_routes, retention.add_routes} <= set(ROUTES)


async def closed(portal: httpx2.AsyncClient, engine: AsyncEngine, handler: str) -> str:
    """Open a complaint about no service, which closes as signposted."""
    case = {"reference": "K-1", "open": True, "handler": handler}
    concerns = [{"aspect": "outcome", "what_happened": "It is wrong."}]
    reference = await open_complaint(portal, concerns=concerns, case=case)
    await wait_for_event(engine, reference, "closed")
    return reference


async def test_an_erasure_is_confirmed_by_the_reference_and_not_by_its_case_handler(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await closed(portal, engine, "lead.team")
    path, hold = (f"/complaints/{reference}/{name}" for name in ("erasure", "hold"))
    reason = "She asked us to."
    async with service.as_staff("lead.manager") as lead:
        preview = (await lead.get(path)).json()
        assert preview["lines"][-1] == "Its personal data, letters and workflow runs are erased for good."
        unconfirmed = await lead.post(path, json={"reference": "OTHER-1", "reason": reason})
        assert (unconfirmed.status_code, unconfirmed.json()["code"]) == (409, "not_confirmed")
        missing = await lead.post(path, json={})
        assert {error["field"] for error in missing.json()["errors"]} == {"reference", "reason"}
    async with service.as_staff("lead.team") as handler:
        for target, body in ((path, {"reference": reference}), (hold, {"until": "2040-01-01"})):
            refused = await handler.post(target, json={**body, "reason": reason})
            assert (refused.status_code, refused.json()["code"]) == (403, "involved")
    assert await find_tombstone(engine, reference) is None


async def test_what_is_wrong_with_a_period_is_listed_at_once(service: Service) -> None:
    async with service.as_staff("op") as caller:
        answer = await caller.get("/reports/timeliness", params={"from": "x", "by": "colour"})
        assert {error["field"] for error in answer.json()["errors"]} == {"from", "to", "by"}
        unknown = await caller.get("/reports/timeliness", params={**SPAN, "policy": "../secret"})
        assert [error["field"] for error in unknown.json()["errors"]] == ["policy"]
        backwards = await caller.get("/export", params={"from": SPAN["to"], "to": SPAN["from"]})
        assert [error["field"] for error in backwards.json()["errors"]] == ["to"]


async def test_an_export_without_words_names_nobody(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    reference = await open_complaint(portal)
    await wait_for_event(engine, reference, "opened")
    async with service.as_staff("au.ditor") as caller:
        span = {"from": "2020-01-01", "to": "2100-01-01"}
        exported = (await caller.get("/export", params=span)).text
        with_words = (await caller.get("/export", params={**span, "words": "true"})).text
        changes = [json.loads(line) for line in (await caller.get("/changes")).text.splitlines()]
    assert reference in {json.loads(line)["reference"] for line in exported.splitlines()}
    assert "Ada Example" not in exported
    assert "Ada Example" in with_words
    assert ("record_exported", "au.ditor") in {(change["kind"], change["by"]) for change in changes}
