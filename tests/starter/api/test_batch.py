"""Many forms in one request: one result per line, in order, before the request ends."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from starter.api import batch, request_body
from starter.api.batch import numbered
from tests.admin.cli_runner import form
from tests.starter.api.service import Service, add_system, serving

LINES = {"Content-Type": "application/jsonl"}


def json_lines(*forms: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in forms)


async def post_batch(portal: httpx2.AsyncClient, body: bytes) -> list[dict[str, object]]:
    answer = await portal.post("/complaints/batch", content=body, headers=LINES)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_valid_lines_are_opened_and_each_invalid_line_gets_its_error(portal: httpx2.AsyncClient) -> None:
    first, other = form(), form()
    too_long = form(put_right="x" * request_body.MAX_BYTES)
    body = json_lines(first, {"reference": "a b"}, too_long) + b"{\n\n" + json_lines(other, first)[:-1]
    results = await post_batch(portal, body)
    assert [(result["line"], result["status"]) for result in results] == [
        *((1, 201), (2, 422), (3, 413), (4, 422), (6, 201), (7, 200))
    ]
    assert results[0]["opened"] == {"reference": first["reference"], "is_new": True}
    problem = results[1]["problem"]
    assert isinstance(problem, dict)
    assert [error["field"] for error in problem["errors"]] == [
        *("reference", "received_at", "complainant", "case", "concerns")
    ]


async def test_of_several_forms_with_one_reference_only_the_first_is_opened(portal: httpx2.AsyncClient) -> None:
    complaint_form = form()
    others = [complaint_form | {"put_right": f"Say sorry {times} times."} for times in range(10)]
    results = await post_batch(portal, json_lines(complaint_form, *others, complaint_form))
    assert [result["status"] for result in results] == [201, *[409] * 10, 200]


async def test_a_repeated_batch_opens_no_complaint(portal: httpx2.AsyncClient) -> None:
    body = json_lines(*(form() for _ in range(25)))
    assert [{result["status"] for result in await post_batch(portal, body)} for _ in range(2)] == [{201}, {200}]


async def test_a_batch_ends_at_the_maximum_number_of_lines(
    portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MAX_LINES", 2)
    results = await post_batch(portal, json_lines(*(form() for _ in range(4))))
    assert [(result["line"], result["status"]) for result in results] == [(1, 201), (2, 201), (3, 413)]


async def test_a_batch_that_stalls_ends_with_a_timeout_result(
    portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "READ_TIMEOUT_SECONDS", 0.2)

    async def stalled() -> AsyncIterator[bytes]:
        yield json_lines(form())
        await asyncio.sleep(0.5)
        yield json_lines(form())

    answer = await portal.post("/complaints/batch", content=stalled(), headers=LINES)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 408]


async def test_results_arrive_during_the_request_and_a_cut_off_batch_can_be_repeated(
    service: Service, portal: httpx2.AsyncClient
) -> None:
    first, rest = form(), form()
    host, port = service.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /complaints/batch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {service.key}\r\n"
    head += "Content-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = json_lines(first)
    writer.write(head.encode() + f"{len(line):x}\r\n".encode() + line + b"\r\n")
    async with asyncio.timeout(10):
        first_result = await reader.readuntil(b'"is_new":true}}')
    assert first["reference"].encode() in first_result
    half = json_lines(rest)[:20]
    writer.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert [result["status"] for result in await post_batch(portal, json_lines(first, rest))] == [200, 201]


async def test_each_line_of_a_batch_counts_against_the_rate_limit(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "in-turn")
    async with serving(client, engine, key, intake_rate=10) as service, service.client() as caller:
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        results = await post_batch(caller, json_lines(*(form() for _ in range(24))))
        assert {result["status"] for result in results} == {201}
        assert loop.time() - started_at > 0.4  # twenty at once, one of them for the batch; then ten a second


async def test_lines_do_not_depend_on_how_the_body_is_chunked() -> None:
    async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    for chunks in ((b"a\nbb\n\nc",), (b"a", b"\nb", b"b\n", b"\n", b"c"), (b"a\nbb\n\nc\n",)):
        assert [each async for each in numbered(stream(*chunks))] == [(1, b"a"), (2, b"bb"), (3, b""), (4, b"c")]
    long = b"x" * (request_body.MAX_BYTES + 1)
    assert [each async for each in numbered(stream(long, b"y\nz\n", long))] == [(1, None), (2, b"z"), (3, None)]
