"""Many forms in one request: a result a line, in their order, as they come."""

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


def written(*forms: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in forms)


async def sent(portal: httpx2.AsyncClient, body: bytes) -> list[dict[str, object]]:
    answer = await portal.post("/complaints/batch", content=body, headers=LINES)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_good_lines_are_opened_and_bad_ones_are_told_of(portal: httpx2.AsyncClient) -> None:
    first, other = form(), form()
    too_long = form(put_right="x" * request_body.MAX_BYTES)
    body = written(first, {"reference": "a b"}, too_long) + b"{\n\n" + written(other, first)[:-1]
    results = await sent(portal, body)
    assert [(result["line"], result["status"]) for result in results] == [
        *((1, 201), (2, 422), (3, 413), (4, 422), (6, 201), (7, 200))
    ]
    assert results[0]["opened"] == {"reference": first["reference"], "is_new": True}
    problem = results[1]["problem"]
    assert isinstance(problem, dict)
    assert [mistake["field"] for mistake in problem["errors"]] == [
        *("reference", "received_at", "complainant", "case", "concerns")
    ]


async def test_of_several_forms_with_one_reference_the_first_is_the_complaint(portal: httpx2.AsyncClient) -> None:
    given = form()
    others = [given | {"put_right": f"Say sorry {times} times."} for times in range(10)]
    results = await sent(portal, written(given, *others, given))
    assert [result["status"] for result in results] == [201, *[409] * 10, 200]


async def test_the_same_batch_again_opens_none(portal: httpx2.AsyncClient) -> None:
    body = written(*(form() for _ in range(25)))
    assert [{result["status"] for result in await sent(portal, body)} for _ in range(2)] == [{201}, {200}]


async def test_a_batch_has_so_many_lines(portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MAX_LINES", 2)
    results = await sent(portal, written(*(form() for _ in range(4))))
    assert [(result["line"], result["status"]) for result in results] == [(1, 201), (2, 201), (3, 413)]


async def test_a_batch_that_stops_coming_ends_with_what_was_not_taken(
    portal: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_body, "READ_TIMEOUT_SECONDS", 0.2)

    async def slowly() -> AsyncIterator[bytes]:
        yield written(form())
        await asyncio.sleep(0.5)
        yield written(form())

    answer = await portal.post("/complaints/batch", content=slowly(), headers=LINES)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 408]


async def test_results_come_before_all_is_sent_and_a_caller_who_hangs_up_may_send_the_rest_again(
    service: Service, portal: httpx2.AsyncClient
) -> None:
    first, rest = form(), form()
    host, port = service.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /complaints/batch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {service.key}\r\n"
    head += "Content-Type: application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = written(first)
    writer.write(head.encode() + f"{len(line):x}\r\n".encode() + line + b"\r\n")
    async with asyncio.timeout(10):
        told = await reader.readuntil(b'"is_new":true}}')
    assert first["reference"].encode() in told
    half = written(rest)[:20]
    writer.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert [result["status"] for result in await sent(portal, written(first, rest))] == [200, 201]


async def test_the_lines_of_a_batch_wait_for_their_turn(client: Client, engine: AsyncEngine) -> None:
    key = await add_system(engine, "in-turn")
    async with serving(client, engine, key, intake_rate=10) as service, service.client() as caller:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        results = await sent(caller, written(*(form() for _ in range(24))))
        assert {result["status"] for result in results} == {201}
        assert loop.time() - begun > 0.4  # twenty at once, one of them for the batch; then ten a second


async def test_lines_are_cut_wherever_the_pieces_are() -> None:
    async def pieces(*given: bytes) -> AsyncIterator[bytes]:
        for each in given:
            yield each

    for given in ((b"a\nbb\n\nc",), (b"a", b"\nb", b"b\n", b"\n", b"c"), (b"a\nbb\n\nc\n",)):
        assert [each async for each in numbered(pieces(*given))] == [(1, b"a"), (2, b"bb"), (3, b""), (4, b"c")]
    long = b"x" * (request_body.MAX_BYTES + 1)
    assert [each async for each in numbered(pieces(long, b"y\nz\n", long))] == [(1, None), (2, b"z"), (3, None)]
