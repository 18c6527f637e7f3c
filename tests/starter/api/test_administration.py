"""Systems, calendar, policies and their changes over HTTP: who may do what."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import ApiKey
from complaints.policies.loader import load_policy
from complaints.records.queries import read_state
from complaints.runtime.clock import now
from tests.admin.cli_runner import RECORDED_WITHIN, form
from tests.starter.api.service import Service
from tests.starter.api.test_staff_directory import send

POLICY = Path("complaints/policies/financial-ombudsman-service.toml")
OTHER_VERSION = POLICY.read_text(encoding="utf-8").replace('version = "1"', 'version = "moved to"')
HOLIDAY = "2032-11-10"
REGION = "scotland"


def amendment(**fields: Any) -> dict[str, Any]:
    return {"on": HOLIDAY, "name": "Fog", "reason": "Announced.", "region": REGION, **fields}


async def test_a_new_key_works_at_once_and_is_shown_once(service: Service) -> None:
    new = {"name": "Kiosk", "scopes": ["read"]}
    added = await send(service, "op", "POST", "/systems", json=new)
    assert (added.status_code, added.json()["system"]) == (201, "kiosk")
    first = ApiKey.read(added.json()["key"])
    assert first
    rotated = await send(service, "op", "POST", "/systems/kiosk/keys", json={"overlap_hours": 1})
    second = ApiKey.read(rotated.json()["key"])
    assert second
    for key in (first, second):
        async with service.client(key) as caller:
            assert (await caller.get("/complaints/NEVER-1")).status_code == 404
    listed = await send(service, "au.ditor", "GET", "/systems")
    [kiosk] = [each for each in listed.json() if each["name"] == "kiosk"]
    assert [key["id"] for key in kiosk["keys"]] == [second.id, first.id]
    assert "digest" not in listed.text
    assert first.secret not in listed.text
    revoked = await send(service, "op", "DELETE", "/systems/kiosk")
    assert revoked.json() == {"system": "kiosk", "revoked": True}
    for method, path, body in (
        ("POST", "/systems", new),
        ("POST", "/systems/kiosk/keys", {}),
        ("DELETE", "/systems/kiosk", None),
    ):
        refused = await send(service, "op", method, path, **({"json": body} if body is not None else {}))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")
    assert (await send(service, "op", "DELETE", "/systems/kiosk-2")).status_code == 404


@pytest.mark.parametrize("by", ["m.okafor", "lead.manager", "au.ditor", "ia.moreau"])
async def test_only_administrators_change_systems(service: Service, by: str) -> None:
    for method, path, body in (
        ("POST", "/systems", {"name": "rogue", "scopes": ["read"]}),
        ("POST", "/systems/portal/keys", {}),
        ("DELETE", "/systems/portal", None),
    ):
        refused = await send(service, by, method, path, **({"json": body} if body is not None else {}))
        assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")


@pytest.mark.parametrize(("by", "reads"), [("op", 200), ("au.ditor", 200), ("lead.manager", 403), ("m.okafor", 403)])
async def test_administrators_and_auditors_read_systems_and_changes(service: Service, by: str, reads: int) -> None:
    for path in ("/systems", "/refused-requests", "/changes"):
        assert (await send(service, by, "GET", path)).status_code == reads


async def test_each_change_is_on_the_record_with_its_actor(service: Service) -> None:
    await send(service, "op", "POST", "/systems", json={"name": "kiosk-3", "scopes": ["read"]})
    await send(service, "op", "POST", "/staff", json={"id": "recorded", "name": "R."})
    await send(service, "lead.manager", "POST", "/calendar/amendments", json=amendment(on="2032-11-11"))
    await send(service, "lead.manager", "POST", "/calendar/amendments", json=amendment(on="2032-11-11", name=None))
    await send(service, "lead.manager", "POST", "/recalendar")
    changes = await send(service, "au.ditor", "GET", "/changes")
    found = {(each["by"], each["kind"], each["subject"]) for each in map(json.loads, changes.text.splitlines())}
    assert {
        ("op", "system_added", "kiosk-3"),
        ("op", "staff_changed", "recorded"),
        ("lead.manager", "calendar_amended", REGION),
        ("lead.manager", "recalendar_started", "open complaints"),
    } <= found
    before = await send(service, "au.ditor", "GET", "/changes", params={"last": "2020-01-01"})
    assert (before.status_code, before.text.count("\n")) == (200, before.text.count("2020-01-01T00"))


@pytest.mark.parametrize(("by", "status"), [("m.okafor", 403), ("au.ditor", 403), ("op", 201), ("lead.manager", 201)])
async def test_administrators_and_leads_amend_the_calendar(service: Service, by: str, status: int) -> None:
    added = await send(service, by, "POST", "/calendar/amendments", json=amendment())
    assert added.status_code == status
    if status == 201:
        shown = (await send(service, "m.okafor", "GET", "/calendar", params={"region": REGION, "year": 2032})).json()
        [fog] = [day for day in shown["days"] if day["on"] == HOLIDAY]
        assert (fog["name"], fog["counts"], fog["from"]) == ("Fog", False, f"amendment {len(shown['amendments'])}")
        again = await send(service, by, "POST", "/calendar/amendments", json=amendment())
        assert again.json()["errors"] == [
            {"field": "on", "detail": "Wed 10 Nov 2032 is a holiday in scotland already (Fog)"}
        ]
        struck = await send(service, by, "POST", "/calendar/amendments", json=amendment(name=None))
        assert (struck.status_code, struck.json()["by"]) == (201, by)
    assert (await send(service, by, "POST", "/recalendar")).status_code == (202 if status == 201 else 403)


async def test_a_due_date_lists_its_days(service: Service) -> None:
    due = await send(service, "m.okafor", "GET", "/calculate", params={"from": "2026-12-22", "working_days": 3})
    assert (due.json()["due_on"], due.json()["counted"]) == ("2026-12-29", ["2026-12-23", "2026-12-24", "2026-12-29"])
    refused = await send(
        service, "m.okafor", "GET", "/calculate", params={"from": "soon", "weeks": 0, "region": "moon"}
    )
    assert [error["field"] for error in refused.json()["errors"]] == ["from", "weeks", "region"]
    clock = (await send(service, "m.okafor", "GET", "/clock")).json()
    assert (clock["time_zone"], clock["today"][:4]) == ("Europe/London", str(now().year))


async def test_a_policy_is_checked_and_never_read_from_the_services_files(service: Service) -> None:
    checked = await send(service, "m.okafor", "POST", "/policies/check", json={"name": "tries-by-hand"})
    assert checked.json()["name"] == load_policy("tries-by-hand").name
    for name in ("/etc/passwd", "../loader.toml", "none"):
        refused = await send(service, "m.okafor", "POST", "/policies/check", json={"name": name})
        assert refused.status_code == 422
        assert "cannot be read" not in refused.text
    refused = await send(service, "m.okafor", "POST", "/policies/check", json={"toml": "id = 1"})
    assert "tiers" in [error["field"] for error in refused.json()["errors"]]


async def test_administrators_and_leads_move_a_complaint_to_another_policy(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    complaint_form = form()
    reference = complaint_form["reference"]
    await portal.post("/complaints", json=complaint_form)
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            if await read_state(engine, reference):
                break
            await asyncio.sleep(0.02)
    move = {"id": "move-1", "toml": OTHER_VERSION, "reason": "It is to her advantage."}
    path = f"/complaints/{reference}/acts/change_policy"
    for by, code in (("m.okafor", "no_such_right"), ("au.ditor", "no_such_right")):
        refused = await send(service, by, "POST", path, json=move)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    previewed = await send(service, "op", "POST", f"{path}/preview", json=move)
    assert previewed.status_code == 200, previewed.text
    moved = await send(service, "op", "POST", path, json=move)
    assert "is financial-ombudsman-service moved to" in moved.json()["sentence"]
    assert (await send(service, "op", "POST", path, json=move)).json() == moved.json()
    compared = (await send(service, "m.okafor", "POST", "/policies/compare", json={})).text.splitlines()
    assert json.loads(compared[-1])["comparison"]["policy"] == load_policy().name
