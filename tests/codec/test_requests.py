"""Requests to the codec server: their token, their page, and their form."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import DataKey, KeysUnreachableError
from complaints.encryption.in_memory_keys import InMemoryKeys
from tests.codec.codec_server import PAGE, CodecServer, body_of, serving_codec, values_of
from tests.starter.api.service import add_system

PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
}


class FarKeys(InMemoryKeys):
    """Keys of which none can be reached."""

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:  # noqa: ARG002 (as there)
        raise KeysUnreachableError


@pytest_asyncio.fixture(scope="module")
async def server(engine: AsyncEngine) -> AsyncIterator[CodecServer]:
    """Serve as on the local stack."""
    async with serving_codec(engine, InMemoryKeys(), local=True) as server:
        yield server


async def test_on_the_local_stack_a_request_without_a_token_sees_everything(server: CodecServer) -> None:
    payloads = [await server.encrypted(workflow_id, "words") for workflow_id in ("C-1", "erasure/C-1")]
    assert await server.seen(None, *payloads) == ["words", "words"]
    async with server.client(**{"X-Namespace": "default"}) as caller:
        assert values_of(await caller.post("/mounted/here/decode", json=body_of(*payloads))) == ["words", "words"]


async def test_the_pages_origin_alone_may_send_requests(server: CodecServer) -> None:
    body = body_of(await server.encrypted("C-1", "words"))
    async with server.client() as caller:
        asked = await caller.options("/decode", headers={"Origin": PAGE, **PREFLIGHT})
        answered = await caller.post("/decode", json=body, headers={"Origin": PAGE})
        for origin in ("http://evil.example", "null", server.url, "http://127.0.0.1:9999"):
            for method, headers in (("OPTIONS", PREFLIGHT), ("POST", {}), ("POST", {"Content-Type": "text/plain"})):
                refused = await caller.request(
                    method, "/decode", content=json.dumps(body), headers={"Origin": origin, **headers}
                )
                assert refused.status_code == 403
                assert "access-control-allow-origin" not in refused.headers
        rebound = await caller.post("/decode", json=body, headers={"Host": "evil.example"})
    assert (asked.status_code, answered.status_code, rebound.status_code) == (200, 200, 421)
    assert {asked.headers["access-control-allow-origin"], answered.headers["access-control-allow-origin"]} == {PAGE}
    assert asked.headers["access-control-allow-methods"] == "POST"
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-namespace"))
    assert "access-control-allow-credentials" not in answered.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"payloads", 400),
        (b'{"payloads": 1}', 400),
        (b'{"payloads": [{"metadata": {"encoding": 7}}]}', 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"x" * 8_400_000, 413),
        (b"{}", 200),
        (b'{"payloads": [{}], "more": 1}', 200),
    ],
)
@pytest.mark.parametrize("path", ["/decode", "/encode"])
async def test_a_body_that_is_no_payloads_is_refused(server: CodecServer, path: str, body: bytes, status: int) -> None:
    async with server.client(**{"Content-Type": "application/json"}) as caller:
        assert (await caller.post(path, content=body)).status_code == status


async def test_other_namespaces_methods_and_paths_are_refused_in_plain_text(server: CodecServer) -> None:
    async with server.client() as caller:
        refused = [
            await caller.post("/decode", json={}, headers={"X-Namespace": "another"}),
            await caller.post("/decode", content="{}", headers={"Content-Type": "text/plain"}),
            await caller.get("/decode"),
            await caller.post("/"),
        ]
    assert [each.status_code for each in refused] == [400, 415, 405, 404]
    assert "X-Namespace: this server has the keys of default" in refused[0].text
    assert {each.headers["content-type"] for each in refused} == {"text/plain; charset=utf-8"}


async def test_payloads_of_unreachable_keys_can_be_asked_for_again(engine: AsyncEngine) -> None:
    async with serving_codec(engine, FarKeys(), local=True) as server, server.client() as caller:
        answer = await caller.post("/decode", json=body_of(await server.encrypted("C-1", "words")))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.text.startswith("The key store does not answer")


async def test_elsewhere_every_request_needs_a_token_of_a_member_of_staff(engine: AsyncEngine) -> None:
    key = await add_system(engine, "codec-portal")
    async with serving_codec(engine, InMemoryKeys()) as server:
        body: dict[str, Any] = body_of(await server.encrypted("C-1", "words"))
        for path in ("/decode", "/encode"):
            for token, status in ((None, 401), ("nonsense", 401), (str(key), 403)):
                async with server.client(token) as caller:
                    answer = await caller.post(path, json=body)
                assert answer.status_code == status
                assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        async with server.client() as caller:
            assert (await caller.get("/healthz")).json() == {"state": "serving"}
            assert (await caller.get("/readyz")).json() == {"ready": True, "state": "serving", "away": []}
