"""A page of another site can do nothing to the local stack by way of a browser."""

import http.client
import json
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import psutil
import pytest

from local.ephemeral_stack import EphemeralStack, ephemeral_mail, ephemeral_stack
from local.supervisor.ports import BLOCKED, LOOPBACK
from local.supervisor.processes import wait_until
from local.supervisor.stack import Stack

NAMESPACE = "/api/v1/namespaces/default"
SIGNAL = f"{NAMESPACE}/workflows/complaint-C-1/signal/withdraw"
FOREIGN = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
ANSWERS = range(200, 300)
PAGE_SECONDS = 60.0


@pytest.fixture(scope="module")
def stack() -> Iterator[EphemeralStack]:
    with ephemeral_stack(page=True) as stack:
        yield stack


def status_of(port: int, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> int | None:
    """Return the answer's status; None where what answers is no HTTP/1.1."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": f"{LOOPBACK}:{port}", **headers})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def answers(port: int, path: str, host: str) -> bool:
    """Return whether the page answers; not while Temporal itself is busy or starts."""
    status = status_of(port, "GET", path, {"Host": host})
    assert status in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)
    return status == HTTPStatus.OK


def ports_of(stack: EphemeralStack, name: str) -> list[int]:
    [pid] = [entry.process.pid for entry in Stack(stack.directory).entries() if entry.name == name]
    listening = psutil.Process(pid).net_connections("tcp")
    assert all(each.laddr.ip == LOOPBACK for each in listening if each.status == psutil.CONN_LISTEN)
    return [each.laddr.port for each in listening if each.status == psutil.CONN_LISTEN]


def test_no_port_of_temporal_that_browsers_reach_takes_a_browsers_request(stack: EphemeralStack) -> None:
    ports = ports_of(stack, "temporal")
    assert [port for port in ports if port in BLOCKED], "the page's own server"
    hosts = ("evil.example", "localhost", LOOPBACK)
    body = json.dumps({"signalName": "withdraw", "input": []}).encode()
    for port in set(ports) - set(BLOCKED):
        for host in (*hosts, *(f"{host}:{port}" for host in hosts)):
            assert status_of(port, "POST", SIGNAL, {**FOREIGN, "Host": host}, body) not in ANSWERS
            assert status_of(port, "GET", NAMESPACE, {"Host": host}) not in ANSWERS
            assert status_of(port, "GET", NAMESPACE, {"Host": host, "Origin": "null"}) not in ANSWERS


def test_temporals_page_serves_this_machine_only(stack: EphemeralStack) -> None:
    port = urlsplit(stack.ui_url).port or 0
    assert ports_of(stack, "temporal-page") == [port]
    own = f"{LOOPBACK}:{port}"
    for host in (own, f"localhost:{port}"):
        for path in (NAMESPACE, "/namespaces/default/workflows"):
            assert wait_until(partial(answers, port, path, host), PAGE_SECONDS), (path, host)
    for method, path in (("GET", NAMESPACE), ("GET", "/"), ("POST", SIGNAL), ("OPTIONS", SIGNAL), ("HEAD", "/")):
        rebound = status_of(port, method, path, {"Host": f"evil.example:{port}"})
        foreign = status_of(port, method, path, {"Host": own, **FOREIGN})
        assert (rebound, foreign) == (HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.FORBIDDEN)
    chunked = {"Host": own, "Transfer-Encoding": "chunked"}
    assert status_of(port, "POST", SIGNAL, chunked, b"0\r\n\r\n") == HTTPStatus.BAD_REQUEST


def test_a_page_cannot_post_mail() -> None:
    """Five lines that are no command end a session; a browser sends more before the body."""
    mail = (
        "HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n"
    )
    browser = {
        **FOREIGN,
        "User-Agent": "Mozilla/5.0",
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    with ephemeral_mail() as server:
        port = urlsplit(server.url).port or 0
        assert status_of(port, "POST", "/", browser, mail.encode()) is None
        assert list(server.folder.iterdir()) == []
