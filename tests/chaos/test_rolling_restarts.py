"""The scenario of rolling restarts in small, and its parts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from chaos.rolling.callers import Caller
from chaos.rolling.record import count_accepted
from chaos.rolling.scenario import Scale, rolling_restarts
from chaos.rolling.service_proxy import ServiceProxy
from chaos.rolling.tally import CALM, CUT, Tallies
from chaos.senders import ActSender, GivenAnswer, SentAct
from complaints.procedure import acts
from tests.workflows.complaint_driver import ComplaintOpener

SMALL = Scale(workers=2, callers=2, rounds=1, kills=False)
TIMEOUT_SECONDS = 900
"""For a busy machine. It takes a tenth of it on two cores."""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"


@pytest.mark.timeout(TIMEOUT_SECONDS)
async def test_callers_see_no_failed_connection_while_everything_is_restarted_and_nothing_is_lost_or_doubled() -> None:
    outcome = await rolling_restarts("everyday/rolling-restarts", SMALL)
    assert outcome.violations == []
    assert outcome.occurrences == {"worker restarted": 2, "intake service restarted": 2, "codec server restarted": 1}
    assert outcome.acts >= 4 * 6


async def test_a_replica_that_is_stopped_gets_connections_until_everybody_knows() -> None:
    async with ServiceProxy.running() as proxy, _replica(b"a ") as first, _replica(b"b ") as second:
        for port in (first, second):
            proxy.add(port, lambda: True)
        assert {await _fetch(proxy.url) for _ in range(2)} == {"a ", "b "}
        proxy.remove(first)
        assert {await _fetch(proxy.url) for _ in range(2)} == {"a ", "b "}
        while {await _fetch(proxy.url) for _ in range(2)} != {"b "}:
            pass
        assert proxy.refused == 0


async def test_a_caller_sends_the_same_until_it_is_answered_and_counts_what_it_saw() -> None:
    statuses: Iterator[int | None] = iter((503, None, 200))

    def answer(_: httpx2.Request) -> httpx2.Response:
        if (status := next(statuses)) is None:
            raise httpx2.ReadError("reset")
        return httpx2.Response(status, headers={"Retry-After": "0"})

    tallies = Tallies()
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://service") as http:
        assert (await Caller("staff", http, tallies).get("/worklist", "token")).status_code == 200
    assert tallies.by_phase[CALM]["staff"].seen == {"503": 1, CUT: 1, "200": 1}
    assert tallies.list_failures() == [f"staff saw, while {CALM}: 1 x {CUT}"]


async def test_an_act_that_is_missing_or_too_many_on_the_record_is_counted(
    client: Client, engine: AsyncEngine, worker: Worker
) -> None:
    complaint = await ComplaintOpener(client, engine, worker.task_queue).open()
    answer = await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    acknowledged = complaint.build_act(acts.Acknowledge, "m.okafor")
    sender = ActSender(complaint, sent=[SentAct(acknowledged, [GivenAnswer(answer, 0)])])
    exact = await count_accepted(engine, [sender])
    assert (exact.accepted, exact.lost, exact.doubled) == (2, {}, {})
    fact = (complaint.reference, "acknowledge", "m.okafor")
    sender.sent *= 2
    assert (await count_accepted(engine, [sender])).lost == {fact: 1}
    sender.sent.clear()
    assert (await count_accepted(engine, [sender])).doubled == {fact: 1}


@asynccontextmanager
async def _replica(name: bytes) -> AsyncIterator[int]:
    """Serve on a free port an HTTP answer with this body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER + name)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _fetch(url: str) -> str:
    async with httpx2.AsyncClient() as http:
        return (await http.get(url)).text
