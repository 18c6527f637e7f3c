"""The staff directory over HTTP: who changes what, and never their own entry (R11)."""

import itertools
from typing import Any

import httpx2
import pytest

from tests.starter.api.service import Service

_numbers = itertools.count(1)
UNPLACED = {"aspects": ["data_protection"]}
"""Keeps complaints of other tests from being assigned to them."""


@pytest.fixture
def newcomer() -> dict[str, Any]:
    return {"id": f"newcomer-{next(_numbers)}", "name": "Nina New", "roles": ["manager"], **UNPLACED}


async def send(service: Service, by: str, method: str, path: str, **more: Any) -> httpx2.Response:
    async with service.as_staff(by) as caller:
        return await caller.request(method, path, **more)


async def add(service: Service, member: dict[str, Any]) -> str:
    added = await send(service, "op", "POST", "/staff", json=member)
    assert added.status_code == 201, added.text
    return str(member["id"])


async def test_an_administrator_adds_changes_and_ends_an_entry(service: Service, newcomer: dict[str, Any]) -> None:
    staff = await add(service, newcomer)
    changed = await send(service, "op", "PATCH", f"/staff/{staff.upper()}", json={"teams": ["Banking"], "email": None})
    assert [change["changed"] for change in changed.json()["changes"]] == [{"teams": [[], ["Banking"]]}]
    left = await send(service, "op", "POST", f"/staff/{staff}/leave", json={"on": "2026-01-30"})
    assert (left.status_code, left.json()["holds"]) == (200, 0)
    shown = (await send(service, "m.okafor", "GET", f"/staff/{staff}")).json()
    assert (shown["teams"], shown["active_until"]) == (["Banking"], "2026-01-30")
    assert [change["by"] for change in shown["changes"]] == ["op"] * 3
    listed = (await send(service, "m.okafor", "GET", "/staff", params={"team": "Banking"})).json()
    [entry] = [each for each in listed if each["id"] == staff]
    assert (entry["availability"], entry["availability_day"]) == ("left", "2026-01-30")


@pytest.mark.parametrize("by", ["m.okafor", "lead.manager", "ia.moreau", "au.ditor"])
async def test_only_administrators_change_entries(service: Service, newcomer: dict[str, Any], by: str) -> None:
    file = {"content": b"id,name\nx,X\n", "headers": {"Content-Type": "text/csv"}}
    for method, path, more in (
        ("POST", "/staff", {"json": newcomer}),
        ("PATCH", "/staff/m.osei", {"json": {"name": "M."}}),
        ("POST", "/staff/m.osei/leave", {"json": {}}),
        ("POST", "/staff/import", file),
    ):
        refused = await send(service, by, method, path, **more)
        assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")


async def test_nobody_changes_their_own_entry_but_for_an_absence(service: Service) -> None:
    for method, path, more in (
        ("PATCH", "/staff/OP", {"json": {"roles": ["administrator", "manager"]}}),
        ("PATCH", "/staff/op", {"json": {"leads": ["manager"]}}),
        ("POST", "/staff/op/leave", {"json": {"on": "2031-01-31"}}),
        (
            "POST",
            "/staff/import",
            {"content": b"id,name,leads\nop,op,manager\n", "headers": {"Content-Type": "text/csv"}},
        ),
    ):
        refused = await send(service, "op", method, path, **more)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_entry")
    for method in ("POST", "DELETE"):
        days = {"since": "2031-05-01", "until": "2031-05-02"}
        more = {"json": days} if method == "POST" else {"params": days}
        assert (await send(service, "op", method, "/staff/op/absences", **more)).status_code == 200


@pytest.mark.parametrize(
    ("by", "status"),
    [("op", 200), ("lead.manager", 200), ("mark", 200), ("lead.team", 403), ("m.okafor", 403), ("au.ditor", 403)],
)
async def test_the_lead_of_their_tier_enters_an_absence(
    service: Service, newcomer: dict[str, Any], by: str, status: int
) -> None:
    staff = await add(service, newcomer)
    entered = await send(service, by, "POST", f"/staff/{staff}/absences", json={"since": "2031-05-01"})
    assert entered.status_code == status
    assert (await send(service, staff, "POST", f"/staff/{staff}/absences", json={})).status_code == 200


async def test_the_first_tiers_lead_enters_an_absence_of_a_case_handler(
    service: Service, newcomer: dict[str, Any]
) -> None:
    staff = await add(service, newcomer | {"roles": ["case_handler"]})
    for by, status in (("lead.team", 403), ("lead.manager", 200)):
        assert (await send(service, by, "POST", f"/staff/{staff}/absences", json={})).status_code == status


async def test_all_errors_are_listed_with_their_fields(service: Service) -> None:
    body = {"id": "m o", "email": "nowhere", "roles": ["boss"], "active_from": "soon", "boss": "x"}
    refused = await send(service, "op", "POST", "/staff", json=body)
    assert (refused.status_code, [error["field"] for error in refused.json()["errors"]]) == (
        422,
        ["id", "name", "email", "roles", "active_from", "boss"],
    )
    refused = await send(service, "op", "GET", "/staff", params={"role": "boss", "on": "soon", "of": "x"})
    assert [error["field"] for error in refused.json()["errors"]] == ["on", "of"]
    unknown = await send(service, "op", "GET", "/staff/m.okafo")
    assert (unknown.status_code, unknown.json()["errors"]) == (
        404,
        [{"field": "id", "detail": "there is no m.okafo; m.okafor?"}],
    )


async def test_a_file_is_imported_whole_or_not_at_all(service: Service, newcomer: dict[str, Any]) -> None:
    file = f"id,name,roles\n{newcomer['id']},Zoë,case_handler\n"
    headers = {"Content-Type": "text/csv"}
    imported = await send(service, "op", "POST", "/staff/import", content=file.encode(), headers=headers)
    assert [change["staff"] for change in imported.json()["changes"]] == [newcomer["id"]]
    again = await send(service, "op", "POST", "/staff/import", content=file.encode(), headers=headers)
    assert again.json() == {"changes": [], "unchanged": 1, "holds": None}
    refused = await send(service, "op", "POST", "/staff/import", content=f"{file}x y,,boss\n", headers=headers)
    assert [error["detail"].partition(": ")[0] for error in refused.json()["errors"]] == ["line 3"] * 3
    refused = await send(service, "op", "POST", "/staff/import", content="Zoë".encode("cp1252"), headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["detail"][:20]) == (422, "not UTF-8 text (byte")
