"""Limits on requests: body size, content type, timeouts, rate and concurrency."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.runtime import http_protocol
from starter.api import request_body
from tests.admin.cli_runner import form
from tests.starter.api.service import Service, add_system, serving

TOO_LONG = b" " * (request_body.MAX_BYTES + 1)
JSON = {"Content-Type": "application/json"}


async def in_chunks(*chunks: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
        await asyncio.sleep(pause)


async def test_a_body_that_is_too_long_is_refused_with_or_without_a_content_length(portal: httpx2.AsyncClient) -> None:
    for body in (TOO_LONG, in_chunks(TOO_LONG)):
        refused = await portal.post("/complaints", content=body, headers=JSON)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_long")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {**JSON, "Content-Encoding": "gzip"},
    ],
)
async def test_a_body_of_another_content_type_or_encoding_is_refused(
    portal: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    for path in ("/complaints", "/complaints/batch", "/complaints/C-1/acts/resolve"):
        refused = await portal.post(path, content=b"{}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (415, "wrong_kind")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"reference": "\\ud800"}', b"[" * 100_000])
async def test_a_body_that_is_not_a_form_is_refused(portal: httpx2.AsyncClient, body: bytes) -> None:
    refused = await portal.post("/complaints", content=body, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (422, "mistakes")


async def test_a_body_that_arrives_too_slowly_is_refused(
    portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "READ_TIMEOUT_SECONDS", 0.1)
    refused = await portal.post("/complaints", content=in_chunks(b"{", b"}", pause=0.3), headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (408, "too_slow")


async def test_a_system_above_its_rate_limit_gets_the_time_to_retry_after(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "hasty")
    patient = await add_system(engine, "patient")
    async with serving(client, engine, key, intake_rate=1) as service, service.client() as hasty:
        statuses = [(await hasty.get("/complaints/C-1")).status_code for _ in range(2)]
        refused = await hasty.get("/complaints/C-1")
        assert statuses == [404, 404]
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
        async with service.client(patient) as other:
            assert (await other.get("/complaints/C-1")).status_code == 404
        await asyncio.sleep(int(refused.headers["retry-after"]))
        assert (await hasty.get("/complaints/C-1")).status_code == 404


async def test_a_system_has_a_limit_of_concurrent_requests(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "busy")
    async with serving(client, engine, key, intake_at_once=1) as service, service.client() as busy:
        slow = asyncio.create_task(busy.post("/complaints", content=in_chunks(b"{", b"}", pause=0.3), headers=JSON))
        await asyncio.sleep(0.15)
        refused = await busy.get("/complaints/C-1")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert (await slow).status_code == 422
        assert (await busy.get("/complaints/C-1")).status_code == 404


async def test_a_connection_without_a_complete_request_head_is_closed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "REQUEST_HEAD_TIMEOUT_SECONDS", 0.1)
    host, port = service.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /complaints/C-1 HTTP/1.1\r\nHost:")
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_an_idle_connection_stays_open_for_six_seconds(service: Service) -> None:
    """Most clients close an idle connection themselves after five seconds, or after a minute."""
    host, port = service.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for wait in (6, 0):
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        status, *fields = (await reader.readuntil(b"\r\n\r\n")).splitlines()
        assert status == b"HTTP/1.1 200 OK"
        [length] = [int(field.split()[1]) for field in fields if field.startswith(b"content-length:")]
        await reader.readexactly(length)
        await asyncio.sleep(wait)
    writer.close()
    await writer.wait_closed()


async def test_a_form_can_be_sent_again_after_a_cut_off_request(service: Service, portal: httpx2.AsyncClient) -> None:
    complaint_form = form()
    body = json.dumps(complaint_form).encode()
    host, port = service.url.removeprefix("http://").split(":")
    head = f"POST /complaints HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {service.key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    for sent in (body[:-1], body):  # cut off within the body, and before the answer
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head.encode() + sent)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    answers: list[Any] = [await portal.post("/complaints", json=complaint_form) for _ in range(2)]
    assert answers[0].status_code in (200, 201)
    assert answers[1].status_code == 200
