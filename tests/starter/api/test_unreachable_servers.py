"""PostgreSQL, Temporal or every worker away: what goes on, what is refused, and that a retry succeeds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.api_keys import ApiKey
from complaints.records import systems
from complaints.records.database import make_engine
from complaints.runtime.clock import now
from complaints.temporal import calls
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack
from starter.api import service
from starter.api.auth import key_cache
from tests.admin.cli_runner import form
from tests.fixtures.tcp_proxy import TcpProxy
from tests.starter.api.service import add_system, serving


@dataclass(frozen=True)
class Lined:
    """A service, and the lines between it and the servers."""

    to_postgresql: TcpProxy
    to_temporal: TcpProxy
    engine: AsyncEngine
    caller: httpx2.AsyncClient
    key: ApiKey


@pytest.fixture
async def lined(stack: EphemeralStack, engine: AsyncEngine, worker: Worker) -> AsyncIterator[Lined]:
    key = await add_system(engine, f"lined-{ApiKey.new().id}")
    async with (
        TcpProxy.to(stack.database_url) as to_postgresql,
        TcpProxy.to(f"temporal://{stack.temporal_address}") as tcp_proxy,
    ):
        by_line = make_engine(to_postgresql.url, pool_size=5)
        client = await connect({"TEMPORAL_ADDRESS": tcp_proxy.url.removeprefix("temporal://")})
        async with serving(client, by_line, key) as lined_service, lined_service.client() as caller:
            yield Lined(to_postgresql, tcp_proxy, by_line, caller, key)
            to_postgresql.restore()
        await by_line.dispose()


async def test_without_postgresql_complaints_are_opened_asked_for_and_told_acts(lined: Lined) -> None:
    given = form()
    lined.to_postgresql.refuse()
    path = f"/complaints/{given['reference']}"
    statuses = [(await lined.caller.post("/complaints", json=given)).status_code for _ in range(2)]
    assert statuses == [201, 200]
    assert (await lined.caller.post("/complaints", json=given | {"put_right": "Sorry."})).status_code == 409
    assert (await lined.caller.get(path)).json()["status"] == "awaiting_acknowledgement"
    assert (await lined.caller.post(f"{path}/acts/resolve", json={"id": "1"})).json()["status"] == "closed"
    ready = await lined.caller.get("/readyz")
    assert (ready.status_code, ready.json()["away"]) == (200, ["postgresql"])
    for request in (
        lined.caller.get(path, params={"include": "findings"}),
        lined.caller.get("/complaints/NEVER-1"),
        lined.caller.post("/complaints/NEVER-1/acts/resolve", json={"id": "1"}),
    ):
        refused = await request
        assert (refused.status_code, refused.json()["code"]) == (503, "out_of_reach")
        assert int(refused.headers["retry-after"]) > 0
    lined.to_postgresql.restore()
    assert (await lined.caller.get("/complaints/NEVER-1")).status_code == 404


async def test_a_postgresql_that_hangs_keeps_no_complaint_from_being_opened(lined: Lined) -> None:
    given = form()
    lined.to_postgresql.stall()
    assert [(await lined.caller.post("/complaints", json=given)).status_code for _ in range(2)] == [201, 200]


async def test_without_postgresql_keys_are_as_last_known_and_for_a_day_at_most(
    lined: Lined, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lined.to_postgresql.refuse()
    [known] = [each for each in await systems.list_systems(engine) if each.keys[0].id == lined.key.id]
    await systems.revoke_system(engine, known.name, "test", now())
    assert (await lined.caller.post("/complaints", json=form())).status_code == 201
    monkeypatch.setattr(key_cache, "MAX_AGE_SECONDS", 0.0)
    assert (await lined.caller.post("/complaints", json=form())).status_code == 503
    assert (await lined.caller.get("/readyz")).status_code == 503
    monkeypatch.undo()
    lined.to_postgresql.restore()
    unknown = ApiKey.new()  # the record is read anew for it
    await lined.caller.get("/complaints/C-1", headers={"Authorization": f"Bearer {unknown}"})
    assert (await lined.caller.post("/complaints", json=form())).status_code == 401


async def test_without_temporal_nothing_is_half_done_and_a_retry_succeeds(
    lined: Lined, portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, given = form(), form()
    assert (await lined.caller.post("/complaints", json=known)).status_code == 201
    path = f"/complaints/{known['reference']}"
    assert (await portal.post(f"{path}/acts/case_closed", json={"id": "0"})).status_code == 200
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(service, "QUERY_TIMEOUT_SECONDS", 0.5)
    lined.to_temporal.refuse()
    for _ in range(2):
        refused = await lined.caller.post("/complaints", json=given)
        assert (refused.status_code, refused.json()["code"]) == (503, "out_of_reach")
    body = b"".join(httpx2.Request("POST", "http://x", json=each).content + b"\n" for each in (given, form()))
    answer = await lined.caller.post("/complaints/batch", content=body, headers={"Content-Type": "application/jsonl"})
    assert answer.text.count('"status":503') == 4  # of each line, and of its problem
    refused = await lined.caller.post(f"{path}/acts/case_reopened", json={"id": "1"})
    assert refused.status_code == 503
    assert (await lined.caller.get(path)).json()["status"] == "awaiting_acknowledgement"  # from the record
    assert (await lined.caller.get("/readyz")).status_code == 503
    assert (await lined.caller.get("/healthz")).status_code == 200
    lined.to_temporal.restore()
    monkeypatch.undo()
    assert (await lined.caller.post("/complaints", json=given)).status_code == 201
    assert (await lined.caller.post(f"{path}/acts/case_reopened", json={"id": "1"})).status_code == 200


async def test_without_a_worker_complaints_are_opened_and_acts_are_to_be_sent_again(
    client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(service, "QUERY_TIMEOUT_SECONDS", 0.5)
    given = form()
    key = await add_system(engine, "early")
    async with serving(client, engine, key, task_queue="nobody") as unattended, unattended.client() as caller:
        assert (await caller.post("/complaints", json=given)).status_code == 201
        path = f"/complaints/{given['reference']}"
        for request in (caller.post(f"{path}/acts/resolve", json={"id": "1"}), caller.get(path)):
            refused = await request
            assert (refused.status_code, refused.json()["detail"].split(".")[0]) == (503, "No worker answered")
    await client.get_workflow_handle(given["reference"]).terminate()
