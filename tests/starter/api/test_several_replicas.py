"""Two intake services on one record: what one changes holds at the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.permissions import OfficeRole
from complaints.runtime.clock import now
from complaints.staff.members import Member
from starter.api.auth import refresh
from starter.api.auth.refresh import REFRESH_SECONDS, REVOKED_WITHIN_SECONDS
from tests.house.sources import ROOT
from tests.starter.api.service import Service, add_system, serving
from tests.starter.api.test_staff_sign_in import add_members

TIMEOUT_SECONDS = 60.0


class Replicas(NamedTuple):
    """Services with caches of their own, on one record."""

    first: Service
    second: Service


@pytest.fixture
async def replicas(
    service: Service, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Replicas]:
    monkeypatch.setattr(refresh, "REFRESH_SECONDS", 0.05)
    issuer = service.issuer.url
    async with (
        serving(client, engine, service.key, oidc_issuer=issuer) as first,
        serving(client, engine, service.key, oidc_issuer=issuer) as second,
    ):
        yield Replicas(*(Service(each.url, service.key, service.issuer) for each in (first, second)))


async def test_a_key_that_is_revoked_through_one_replica_is_refused_by_the_other(
    replicas: Replicas, engine: AsyncEngine
) -> None:
    await add_members(engine, Member(id="replica.admin", name="Admin", roles={OfficeRole.ADMINISTRATOR}))
    key = await add_system(engine, "replicated")
    async with (
        replicas.first.as_staff("replica.admin") as administrator,
        replicas.second.client(key) as system,
    ):
        assert (await system.get("/complaints/REPLICA-1")).status_code == 404
        revoked = await administrator.delete("/systems/replicated")
        assert revoked.status_code == 200, revoked.text
        await until_status(401, lambda: system.get("/complaints/REPLICA-1"))


async def test_a_member_who_leaves_through_one_replica_is_refused_by_the_other(
    replicas: Replicas, engine: AsyncEngine
) -> None:
    leaver = Member(id="replica.leaver", name="Leaver")
    await add_members(engine, leaver)
    async with replicas.second.as_staff(leaver.id) as caller:
        assert (await caller.get("/whoami")).status_code == 200
        await add_members(engine, leaver.model_copy(update={"active_until": now().date() - timedelta(days=1)}))
        await until_status(403, lambda: caller.get("/whoami"))


async def test_a_key_that_is_new_is_known_to_every_replica_at_once(replicas: Replicas, engine: AsyncEngine) -> None:
    key = await add_system(engine, "newly-replicated")
    for replica in replicas:
        async with replica.client(key) as system:
            assert (await system.get("/complaints/REPLICA-1")).status_code == 404


async def test_a_system_that_one_replica_refuses_for_its_rate_is_answered_by_the_other(
    client: Client, engine: AsyncEngine
) -> None:
    key = await add_system(engine, "hurried")
    async with (
        serving(client, engine, key, intake_rate=1) as first,
        serving(client, engine, key, intake_rate=1) as second,
        first.client() as hurried,
        second.client() as patient,
    ):
        await until_status(429, lambda: hurried.get("/complaints/REPLICA-1"))
        assert (await patient.get("/complaints/REPLICA-1")).status_code == 404


def test_callers_are_read_again_in_time_for_what_the_documents_promise() -> None:
    assert REFRESH_SECONDS <= REVOKED_WITHIN_SECONDS - 1
    assert REVOKED_WITHIN_SECONDS == 5
    assert "a revoked one for five seconds at most" in (ROOT / "docs" / "operations.md").read_text()
    assert "| a revoked key or system, other scopes | 5 seconds |" in (ROOT / "docs" / "scale.md").read_text()


async def until_status(status: int, request: Callable[[], Awaitable[httpx2.Response]]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            if (await request()).status_code == status:
                return
            await asyncio.sleep(0)
