"""API keys and scopes: valid and invalid keys, scopes, and the record of refused requests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.api_keys import ApiKey, Scope
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.records import refused_requests, systems
from complaints.records.directory import answer_query
from complaints.records.restores.marks import Kind, confirm, finish_restore, list_unconfirmed, mark_restored
from complaints.runtime.clock import now
from starter.api.auth import refresh
from tests.admin.cli_runner import form
from tests.starter.api.service import Service, add_system, serving

MALFORMED = ("", "Basic dTpw", "Bearer", "Bearer x", f"Bearer ck_{'0' * 12}_", f"Bearer {ApiKey.new()} {ApiKey.new()}")

KINDS: tuple[Kind, ...] = ("staff", "system")


async def get_complaint(service: Service, headers: dict[str, str], reference: str = "NEVER-1") -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=service.url, headers=headers) as caller:
        return await caller.get(f"/complaints/{reference}")


async def status_for_key(service: Service, key: ApiKey) -> int:
    return (await get_complaint(service, {"Authorization": f"Bearer {key}"})).status_code


@pytest.mark.parametrize("header", MALFORMED)
async def test_a_request_without_a_valid_key_is_refused(service: Service, header: str) -> None:
    refused = await get_complaint(service, {"Authorization": header})
    assert (refused.status_code, refused.json()["code"]) == (401, "no_key")
    assert refused.headers["www-authenticate"] == 'Bearer realm="complaints"'


async def test_a_key_with_another_secret_is_refused(service: Service) -> None:
    assert await status_for_key(service, ApiKey(service.key.id, ApiKey.new().secret)) == 401
    assert await status_for_key(service, ApiKey.new()) == 401
    assert await status_for_key(service, service.key) == 404


async def test_without_the_scope_existing_and_unknown_complaints_get_the_same_answer(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    complaint_form = form()
    await portal.post("/complaints", json=complaint_form)
    key = await add_system(engine, "opener", [Scope.OPEN])
    for headers in ({}, {"Authorization": f"Bearer {key}"}):
        existing, unknown = [
            await get_complaint(service, headers, each) for each in (complaint_form["reference"], "NEVER-1")
        ]
        assert existing.status_code in (401, 403)
        assert (existing.status_code, existing.text) == (unknown.status_code, unknown.text)


@pytest.mark.parametrize(
    ("scope", "request_"),
    [
        (Scope.OPEN, lambda caller: caller.post("/complaints", content=b"not even looked at")),
        (Scope.OPEN, lambda caller: caller.post("/complaints/batch", content=b"not even looked at")),
        (Scope.READ, lambda caller: caller.get("/complaints/C-1")),
        (Scope.ACT, lambda caller: caller.post("/complaints/C-1/acts/resolve", content=b"not even looked at")),
    ],
)
async def test_each_request_needs_its_own_scope(
    service: Service, engine: AsyncEngine, scope: Scope, request_: Callable[[httpx2.AsyncClient], Any]
) -> None:
    key = await add_system(engine, f"all-but-{scope}-{ApiKey.new().id}", [each for each in Scope if each is not scope])
    async with service.client(key) as caller:
        refused = await request_(caller)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]


async def test_a_key_is_refused_after_a_restore_until_a_person_confirms_its_system(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "REFRESH_SECONDS", 0.02)
    key = await add_system(engine, "restored-portal")
    await finish_restore(engine, await mark_restored(engine, now()), now())
    try:
        async with serving(client, engine, key) as service:
            refused = await get_complaint(service, {"Authorization": f"Bearer {key}"})
            assert (refused.status_code, refused.json()["code"]) == (403, "unconfirmed")
            assert "python -m worker confirm system restored-portal" in refused.json()["detail"]
            async with service.as_staff("t.lund") as lund:
                of_staff = await lund.get("/whoami")
            assert (of_staff.status_code, of_staff.json()["code"]) == (403, "unconfirmed")
            assert "python -m worker confirm staff t.lund" in of_staff.json()["detail"]
            await confirm(engine, "system", ["restored-portal"], "test", now())
            while await status_for_key(service, key) != 404:
                pass
    finally:
        for kind in KINDS:
            await confirm(engine, kind, await list_unconfirmed(engine, kind), "test", now())


async def test_a_rotated_key_is_valid_until_it_ends_and_a_revoked_system_has_none(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "REFRESH_SECONDS", 0.02)
    first = await add_system(engine, "rotated")
    async with serving(client, engine, first) as service:
        second, third = ApiKey.new(), ApiKey.new()
        await systems.rotate_key(engine, "rotated", "test", now(), second, now() + timedelta(hours=1))
        assert [await status_for_key(service, key) for key in (first, second)] == [404, 404]
        await systems.rotate_key(engine, "rotated", "test", now(), third, now())
        assert await status_for_key(service, third) == 404
        assert [await status_for_key(service, key) for key in (first, second)] == [401, 401]
        await systems.revoke_system(engine, "rotated", "test", now())
        while await status_for_key(service, third) != 401:
            pass
    [system] = [each for each in await systems.list_systems(engine) if each.name == "rotated"]
    assert [key.id for key in system.keys if key.last_used_at] == [third.id, second.id, first.id]
    refused = await refused_requests.list_since(engine, now().date())
    assert {each.reason for each in refused if each.system == "rotated"} == {"key_ended", "revoked"}
    with pytest.raises(systems.SystemRefusedError, match="was revoked on"):
        await systems.rotate_key(engine, "rotated", "test", now(), ApiKey.new(), now())


async def test_refused_requests_are_counted_in_one_row(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "curious", [Scope.OPEN])
    async with serving(client, engine, key) as service, service.client() as curious:
        for number in range(30):
            await curious.get(f"/complaints/C-{number}")
    counted = [each for each in await refused_requests.list_since(engine, now().date()) if each.system == "curious"]
    assert [(each.reason, each.request, each.times) for each in counted] == [
        ("no_scope_read", "GET /complaints/{reference}", 30)
    ]


async def test_a_system_is_authorised_until_it_is_revoked(engine: AsyncEngine) -> None:
    query = DirectoryQuery(on=now().date(), actors=("short-lived",))
    assert (await answer_query(engine, query)).authorities == ()
    await add_system(engine, "short-lived")
    [active] = (await answer_query(engine, query)).authorities
    assert active.is_system
    assert active.is_active(query.on)
    await systems.revoke_system(engine, "short-lived", "test", now())
    [revoked] = (await answer_query(engine, query)).authorities
    assert not revoked.is_active(query.on)


def test_the_repr_of_a_key_hides_its_secret() -> None:
    key = ApiKey.new()
    assert key.secret not in repr(key)
    assert ApiKey.read(str(key)) == key
