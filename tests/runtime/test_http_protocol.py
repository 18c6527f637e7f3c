"""The HTTP server against clients that are slow, many, or ambiguous, over raw connections."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from complaints.runtime import http_protocol
from tests.runtime.raw_http import TIMEOUT_SECONDS, RawConnection, echoing, raw

HOST = "Host: localhost"
GET = ("GET /a HTTP/1.1", HOST)


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    async with echoing() as port:
        yield port


@pytest_asyncio.fixture
async def connection(port: int) -> AsyncIterator[RawConnection]:
    async with raw(port) as connection:
        yield connection


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [line for line in caplog.records if line.exc_info or line.levelno >= logging.ERROR]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUEST_HEAD_TIMEOUT_SECONDS", "READ_ANSWER_TIMEOUT_SECONDS"):
        monkeypatch.setattr(http_protocol, name, 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("head", ["", "G", "GET /a HTTP/1.1\r\nHost:", "GET /a HTTP/1.1\r\nHost: localhost\r\n"])
async def test_a_connection_without_a_complete_first_head_is_closed(connection: RawConnection, head: str) -> None:
    await connection.send_bytes(head.encode())
    assert await connection.rest() == b""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begun", ["G", "GET /b HTTP/1.1\r\nHost:"])
async def test_a_connection_without_a_complete_second_head_is_closed(connection: RawConnection, begun: str) -> None:
    await connection.send(*GET)
    assert (await connection.answer())[0] == 200
    await connection.send_bytes(begun.encode())
    assert await connection.rest() == b""


@pytest.mark.usefixtures("impatient")
async def test_a_second_head_that_comes_with_the_first_request_has_a_deadline_too(connection: RawConnection) -> None:
    await connection.send(*GET, body="GET /b")
    assert (await connection.answer())[0] == 200
    assert await connection.rest() == b""


@pytest.mark.usefixtures("impatient")
async def test_a_head_that_comes_byte_by_byte_has_one_deadline(connection: RawConnection) -> None:
    async def send_slowly() -> None:
        while True:
            await connection.send_bytes(b"G")
            await asyncio.sleep(0.05)

    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        await asyncio.wait_for(send_slowly(), TIMEOUT_SECONDS)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", ["", "12345"])
async def test_a_body_that_nobody_reads_has_a_deadline(connection: RawConnection, sent: str) -> None:
    await connection.send("POST /unread HTTP/1.1", HOST, "Content-Length: 10", body=sent)
    assert (await connection.answer())[0] == 200
    await connection.send_bytes(b"6")
    assert await connection.rest() == b""


@pytest.mark.usefixtures("impatient")
async def test_an_idle_connection_after_a_body_that_nobody_read_is_closed(
    connection: RawConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uvicorn stops its own timer at the rest of the body."""
    monkeypatch.setattr(http_protocol, "KEEP_ALIVE_SECONDS", 0.2)
    await connection.send("POST /unread HTTP/1.1", HOST, "Content-Length: 10")
    assert (await connection.answer())[0] == 200
    await connection.send_bytes(b"1234567890")
    assert await connection.rest() == b""


@pytest.mark.usefixtures("impatient")
async def test_a_client_that_does_not_read_its_answer_is_cut_off(connection: RawConnection) -> None:
    await connection.send("GET /big HTTP/1.1", HOST)
    await asyncio.sleep(1)
    assert len(await connection.rest()) < 20_000_000


@pytest.mark.usefixtures("impatient")
async def test_a_client_that_reads_slowly_gets_its_whole_answer(
    connection: RawConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connection.send("GET /big HTTP/1.1", HOST, "Connection: close")
    read = 0
    while part := await connection.part():
        read += len(part)
        await asyncio.sleep(0.01)
    assert read > 20_000_000


async def test_a_large_answer_arrives_whole(connection: RawConnection) -> None:
    await connection.send("GET /big HTTP/1.1", HOST)
    status, body = await connection.answer()
    assert (status, len(body)) == (200, 20_000_000)


@pytest.mark.parametrize(
    "fields",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 0"),
        ("transfer-encoding:chunked", "CONTENT-LENGTH:5"),
        ("Content-Length: 5", "Transfer-Encoding:", " chunked"),
        ("Content-Length: 5", "X: y", "Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: +5",),
        ("Content-Length: -5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5 5",),
        ("Content-Length:",),
        ("Content-Length: " + "9" * 30,),
        ("Content-Length : 5",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked\x0b",),
        (" folded: first",),
        ("no colon",),
        ("name with space: x",),
        (": no name",),
        ("X: a\x00b",),
        ("X: a\rb",),
        ("Host: other",),
        *([(f"X{number}: y") for number in range(count)] for count in (120, 10_000)),
        ("X: " + "y" * 20_000,),
        ("X: " + "y" * 200_000,),
        ("Cookie: " + "a=b; " * 5_000,),
    ],
    ids=lambda fields: str(fields[0])[:40],
)
async def test_an_ambiguous_or_oversized_head_is_refused_and_closed(
    connection: RawConnection, fields: tuple[str, ...]
) -> None:
    try:
        await connection.send("POST /a HTTP/1.1", HOST, *fields, body="0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")
    except ConnectionResetError:
        return
    answered = (await connection.rest()).lower()
    assert answered.startswith(b"http/1.1 400") or not answered
    assert b"smuggled" not in answered
    assert answered.count(b"http/1.1") <= 1


@pytest.mark.parametrize(
    "line",
    [
        "GET /a HTTP/2.0",
        "GET /a HTTP/0.9",
        "GET /a HTTP/1.1 x",
        "GET /a",
        "GET  /a HTTP/1.1",
        "GET /" + "a" * 20_000 + " HTTP/1.1",
        "G\x00T /a HTTP/1.1",
        "GET /\u00e9 HTTP/1.1",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "",
    ],
)
async def test_a_request_line_of_another_form_is_refused_and_closed(connection: RawConnection, line: str) -> None:
    await connection.send(line, HOST)
    assert (await connection.rest()).startswith(b"HTTP/1.1 400")


async def test_a_chunked_body_of_http_1_0_is_refused(connection: RawConnection) -> None:
    await connection.send("POST /a HTTP/1.0", "Transfer-Encoding: chunked", body="0\r\n\r\n")
    assert (await connection.rest()).startswith(b"HTTP/1.1 400")


async def test_a_body_with_a_bad_chunk_is_refused_and_closed(connection: RawConnection) -> None:
    await connection.send("POST /a HTTP/1.1", HOST, "Transfer-Encoding: chunked", body="5\r\nhello\r\n")
    await connection.send_bytes(b"zz\r\n")
    assert (await connection.rest()).startswith(b"HTTP/1.1 400")


async def test_a_bad_chunk_after_the_answer_closes_the_connection(connection: RawConnection) -> None:
    await connection.send("POST /unread HTTP/1.1", HOST, "Transfer-Encoding: chunked", body="5\r\nhello\r\n")
    assert (await connection.answer())[0] == 200
    await connection.send_bytes(b"zz\r\n")
    assert await connection.rest() == b""


async def test_pipelined_requests_are_answered_in_order(connection: RawConnection) -> None:
    one = "POST /{0} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{0:02}"
    two = "POST /{0} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{0:02}\r\n0\r\n\r\n"
    sent = "".join((one if number % 2 else two).format(number) for number in range(50))
    await connection.send_bytes(sent.encode())
    answers = [await connection.answer() for _ in range(50)]
    assert answers == [(200, f"POST /{number} {number:02}") for number in range(50)]


async def test_a_refused_pipelined_request_ends_the_connection_after_the_answers_before_it(
    connection: RawConnection,
) -> None:
    bad = "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"
    await connection.send(*GET, body=bad + "GET /c HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answered = await connection.rest()
    assert answered.count(b"HTTP/1.1 200") == answered.count(b"HTTP/1.1 400") == 1
    assert b"GET /c" not in answered


async def test_two_hundred_connections_of_one_byte_leave_the_service_answering(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "MAX_CONNECTIONS", 50)
    async with AsyncExitStack() as opened:
        held = [await opened.enter_async_context(raw(port)) for _ in range(200)]
        for connection in held:
            try:
                await connection.send_bytes(b"G")
            except ConnectionResetError:
                continue
        async with raw(port) as caller:
            await caller.send(*GET)
            assert await caller.answer() == (200, "GET /a ")
        for connection in held[:150]:
            assert await connection.rest() == b""


async def test_a_request_in_progress_is_not_cut_off_to_make_room(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MAX_CONNECTIONS", 5)
    async with AsyncExitStack() as opened:
        busy = await opened.enter_async_context(raw(port))
        await busy.send("POST /a HTTP/1.1", HOST, "Content-Length: 4", body="12")
        await asyncio.sleep(0.1)
        for _ in range(20):
            await opened.enter_async_context(raw(port))
        await busy.send_bytes(b"34")
        assert await busy.answer() == (200, "POST /a 1234")
