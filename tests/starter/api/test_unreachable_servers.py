"""The intake service while PostgreSQL, Temporal or every worker is unavailable."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.api_keys import ApiKey
from complaints.encryption.data_keys import KeyRing
from complaints.records import systems
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from complaints.runtime.clock import now
from complaints.temporal import calls
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack
from starter.api import service
from starter.api.auth import record_cache
from tests.admin.cli_runner import form
from tests.fixtures.tcp_proxy import TcpProxy
from tests.starter.api.service import Service, add_system, serving


@dataclass(frozen=True)
class ProxiedService:
    """An intake service that reaches its servers through TCP proxies."""

    to_postgresql: TcpProxy
    to_temporal: TcpProxy
    engine: AsyncEngine
    intake: Service
    caller: httpx2.AsyncClient
    key: ApiKey


@pytest.fixture
async def proxied(
    stack: EphemeralStack, engine: AsyncEngine, keys: KeyRing, worker: Worker
) -> AsyncIterator[ProxiedService]:
    key = await add_system(engine, f"lined-{ApiKey.new().id}")
    async with (
        TcpProxy.to(stack.database_url) as to_postgresql,
        TcpProxy.to(f"temporal://{stack.temporal_address}") as to_temporal,
    ):
        proxied_engine = make_engine(to_postgresql.url, keys=keys_of(engine), pool_size=5)
        client = await connect({"TEMPORAL_ADDRESS": to_temporal.url.removeprefix("temporal://")}, keys)
        async with serving(client, proxied_engine, key) as intake, intake.client() as caller:
            yield ProxiedService(to_postgresql, to_temporal, proxied_engine, intake, caller, key)
            to_postgresql.restore()
        await proxied_engine.dispose()


async def test_without_postgresql_complaints_are_opened_and_read_and_accept_acts(proxied: ProxiedService) -> None:
    complaint_form = form()
    proxied.to_postgresql.refuse()
    path = f"/complaints/{complaint_form['reference']}"
    statuses = [(await proxied.caller.post("/complaints", json=complaint_form)).status_code for _ in range(2)]
    assert statuses == [201, 200]
    assert (await proxied.caller.post("/complaints", json=complaint_form | {"put_right": "Sorry."})).status_code == 409
    assert (await proxied.caller.get(path)).json()["status"] == "awaiting_acknowledgement"
    assert (await proxied.caller.post(f"{path}/acts/resolve", json={"id": "1"})).json()["status"] == "closed"
    ready = await proxied.caller.get("/readyz")
    assert (ready.status_code, ready.json()["away"]) == (200, ["postgresql"])
    for request in (
        proxied.caller.get(path, params={"include": "findings"}),
        proxied.caller.get("/complaints/NEVER-1"),
        proxied.caller.post("/complaints/NEVER-1/acts/resolve", json={"id": "1"}),
    ):
        refused = await request
        assert (refused.status_code, refused.json()["code"]) == (503, "out_of_reach")
        assert int(refused.headers["retry-after"]) > 0
    proxied.to_postgresql.restore()
    assert (await proxied.caller.get("/complaints/NEVER-1")).status_code == 404


async def test_a_postgresql_that_hangs_does_not_prevent_opening_a_complaint(proxied: ProxiedService) -> None:
    complaint_form = form()
    proxied.to_postgresql.stall()
    assert [(await proxied.caller.post("/complaints", json=complaint_form)).status_code for _ in range(2)] == [201, 200]


async def test_without_postgresql_cached_keys_stay_valid_until_their_maximum_age(
    proxied: ProxiedService, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxied.to_postgresql.refuse()
    [system] = [each for each in await systems.list_systems(engine) if each.keys[0].id == proxied.key.id]
    await systems.revoke_system(engine, system.name, "test", now())
    assert (await proxied.caller.post("/complaints", json=form())).status_code == 201
    monkeypatch.setattr(record_cache, "MAX_AGE_SECONDS", 0.0)
    assert (await proxied.caller.post("/complaints", json=form())).status_code == 503
    assert (await proxied.caller.get("/readyz")).status_code == 503
    monkeypatch.undo()
    proxied.to_postgresql.restore()
    unknown = ApiKey.new()  # an unknown key makes the service read the keys again
    await proxied.caller.get("/complaints/C-1", headers={"Authorization": f"Bearer {unknown}"})
    assert (await proxied.caller.post("/complaints", json=form())).status_code == 401


async def test_without_postgresql_staff_stay_signed_in_and_nobody_can_sign_out(
    proxied: ProxiedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxied.intake.as_staff("lead.manager") as lead:
        proxied.to_postgresql.refuse()
        assert (await lead.get("/whoami")).status_code == 200
        refused = await lead.post("/sign-out")
        assert (refused.status_code, refused.json()["code"]) == (503, "out_of_reach")
        monkeypatch.setattr(record_cache, "MAX_AGE_SECONDS", 0.0)
        assert (await lead.get("/whoami")).status_code == 503
        monkeypatch.undo()
        proxied.to_postgresql.restore()
        assert (await lead.post("/sign-out")).status_code == 204
        assert (await lead.get("/whoami")).status_code == 401


async def test_without_temporal_writes_are_refused_and_a_retry_succeeds(
    proxied: ProxiedService, portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    existing_form, complaint_form = form(), form()
    assert (await proxied.caller.post("/complaints", json=existing_form)).status_code == 201
    path = f"/complaints/{existing_form['reference']}"
    assert (await portal.post(f"{path}/acts/case_closed", json={"id": "0"})).status_code == 200
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(service, "QUERY_TIMEOUT_SECONDS", 0.5)
    proxied.to_temporal.refuse()
    for _ in range(2):
        refused = await proxied.caller.post("/complaints", json=complaint_form)
        assert (refused.status_code, refused.json()["code"]) == (503, "out_of_reach")
    body = b"".join(httpx2.Request("POST", "http://x", json=each).content + b"\n" for each in (complaint_form, form()))
    answer = await proxied.caller.post("/complaints/batch", content=body, headers={"Content-Type": "application/jsonl"})
    assert answer.text.count('"status":503') == 4  # twice per line: in the result and in its problem
    refused = await proxied.caller.post(f"{path}/acts/case_reopened", json={"id": "1"})
    assert refused.status_code == 503
    assert (await proxied.caller.get(path)).json()["status"] == "awaiting_acknowledgement"  # from the record
    assert (await proxied.caller.get("/readyz")).status_code == 503
    assert (await proxied.caller.get("/healthz")).status_code == 200
    proxied.to_temporal.restore()
    monkeypatch.undo()
    assert (await proxied.caller.post("/complaints", json=complaint_form)).status_code == 201
    assert (await proxied.caller.post(f"{path}/acts/case_reopened", json={"id": "1"})).status_code == 200


async def test_without_a_worker_complaints_are_opened_but_acts_and_reads_fail(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(service, "QUERY_TIMEOUT_SECONDS", 0.5)
    complaint_form = form()
    key = await add_system(engine, "early")
    async with serving(client, engine, key, task_queue="nobody") as intake, intake.client() as caller:
        assert (await caller.post("/complaints", json=complaint_form)).status_code == 201
        path = f"/complaints/{complaint_form['reference']}"
        for request in (caller.post(f"{path}/acts/resolve", json={"id": "1"}), caller.get(path)):
            refused = await request
            assert (refused.status_code, refused.json()["detail"].split(".")[0]) == (503, "No worker answered")
    await client.get_workflow_handle(complaint_form["reference"]).terminate()
