"""Who may ask for what: keys that hold or do not, rights, and the record of what was refused."""

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
from complaints.runtime.clock import now
from starter.api.auth import refresh
from tests.admin.cli_runner import form
from tests.starter.api.service import Service, add_system, serving

MALFORMED = ("", "Basic dTpw", "Bearer", "Bearer x", f"Bearer ck_{'0' * 12}_", f"Bearer {ApiKey.new()} {ApiKey.new()}")


async def get(service: Service, headers: dict[str, str], reference: str = "NEVER-1") -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=service.url, headers=headers) as caller:
        return await caller.get(f"/complaints/{reference}")


async def known(service: Service, key: ApiKey) -> int:
    return (await get(service, {"Authorization": f"Bearer {key}"})).status_code


@pytest.mark.parametrize("header", MALFORMED)
async def test_without_a_key_nothing_is_told(service: Service, header: str) -> None:
    refused = await get(service, {"Authorization": header})
    assert (refused.status_code, refused.json()["code"]) == (401, "no_key")
    assert refused.headers["www-authenticate"] == 'Bearer realm="complaints"'


async def test_a_key_with_another_secret_is_none(service: Service) -> None:
    assert await known(service, ApiKey(service.key.id, ApiKey.new().secret)) == 401
    assert await known(service, ApiKey.new()) == 401
    assert await known(service, service.key) == 404


async def test_without_the_right_a_complaint_that_is_looks_like_one_that_is_not(
    service: Service, portal: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    given = form()
    await portal.post("/complaints", json=given)
    key = await add_system(engine, "opener", [Scope.OPEN])
    for headers in ({}, {"Authorization": f"Bearer {key}"}):
        there, elsewhere = [await get(service, headers, each) for each in (given["reference"], "NEVER-1")]
        assert there.status_code in (401, 403)
        assert (there.status_code, there.text) == (elsewhere.status_code, elsewhere.text)


@pytest.mark.parametrize(
    ("scope", "request_"),
    [
        (Scope.OPEN, lambda caller: caller.post("/complaints", content=b"not even looked at")),
        (Scope.OPEN, lambda caller: caller.post("/complaints/batch", content=b"not even looked at")),
        (Scope.READ, lambda caller: caller.get("/complaints/C-1")),
        (Scope.ACT, lambda caller: caller.post("/complaints/C-1/acts/resolve", content=b"not even looked at")),
    ],
)
async def test_each_right_is_one_of_its_own(
    service: Service, engine: AsyncEngine, scope: Scope, request_: Callable[[httpx2.AsyncClient], Any]
) -> None:
    key = await add_system(engine, f"all-but-{scope}-{ApiKey.new().id}", [each for each in Scope if each is not scope])
    async with service.client(key) as caller:
        refused = await request_(caller)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_such_right")
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]


async def test_a_rotated_key_holds_until_it_ends_and_a_revoked_system_is_known_no_more(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "REFRESH_SECONDS", 0.02)
    first = await add_system(engine, "rotated")
    async with serving(client, engine, first) as service:
        second, third = ApiKey.new(), ApiKey.new()
        await systems.rotate_key(engine, "rotated", "test", now(), second, now() + timedelta(hours=1))
        assert [await known(service, key) for key in (first, second)] == [404, 404]
        await systems.rotate_key(engine, "rotated", "test", now(), third, now())
        assert await known(service, third) == 404
        assert [await known(service, key) for key in (first, second)] == [401, 401]
        await systems.revoke_system(engine, "rotated", "test", now())
        while await known(service, third) != 401:
            pass
    [kept] = [each for each in await systems.list_systems(engine) if each.name == "rotated"]
    assert [key.id for key in kept.keys if key.last_used_at] == [third.id, second.id, first.id]
    refused = await refused_requests.list_since(engine, now().date())
    assert {each.reason for each in refused if each.system == "rotated"} == {"key_ended", "revoked"}
    with pytest.raises(systems.SystemRefusedError, match="was revoked on"):
        await systems.rotate_key(engine, "rotated", "test", now(), ApiKey.new(), now())


async def test_what_is_refused_is_counted_and_cannot_flood_the_record(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "curious", [Scope.OPEN])
    async with serving(client, engine, key) as service, service.client() as curious:
        for number in range(30):
            await curious.get(f"/complaints/C-{number}")
    counted = [each for each in await refused_requests.list_since(engine, now().date()) if each.system == "curious"]
    assert [(each.reason, each.request, each.times) for each in counted] == [
        ("no_scope_read", "GET /complaints/{reference}", 30)
    ]


async def test_a_system_may_act_until_it_is_revoked(engine: AsyncEngine) -> None:
    asked = DirectoryQuery(on=now().date(), actors=("short-lived",))
    assert (await answer_query(engine, asked)).authorities == ()
    await add_system(engine, "short-lived")
    [begun] = (await answer_query(engine, asked)).authorities
    assert begun.is_system
    assert begun.is_active(asked.on)
    await systems.revoke_system(engine, "short-lived", "test", now())
    [ended] = (await answer_query(engine, asked)).authorities
    assert not ended.is_active(asked.on)


def test_a_key_tells_its_secret_to_nobody_but_its_reader() -> None:
    key = ApiKey.new()
    assert key.secret not in repr(key)
    assert ApiKey.read(str(key)) == key
