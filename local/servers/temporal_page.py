"""Temporal's web page for this machine's own browser, with Host and Origin checked.

Temporal's own page checks neither, so a page whose name has this machine's address (DNS rebinding) could read
complaints and send acts. It listens on a port that browsers block; this passes requests on to it. Its role runs it as
`python -m local.servers.temporal_page PORT BLOCKED_PORT`.
"""

import http.client
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from complaints.runtime.request_source import PROBLEM, refusal_of
from local.servers.worker import ROOT
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role

TIMEOUT_SECONDS = 60.0
MAX_BYTES = 4 * 1024 * 1024
"""Of a request's body: what Temporal takes."""
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}
"""Headers that are not passed on."""


def temporal_page(*, port: int, behind: int) -> Role:
    """Return the role: ready once Temporal's page, at the port `behind`, answers through it."""
    return Role(
        name="temporal-page",
        command=[sys.executable, "-m", "local.servers.temporal_page", str(port), str(behind)],
        env=os.environ,
        cwd=ROOT,
        ready=lambda _: answers_ok(port, "/healthz"),
    )


class Handler(BaseHTTPRequestHandler):
    """Pass a request on, unless it comes from another site."""

    server: "PageServer"
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_SECONDS

    def do_GET(self) -> None:
        if refusal := refusal_of(self.headers.get("Host", ""), self.headers.get("Origin"), ()):
            self._refuse(refusal.status, json.dumps(refusal.problem()).encode())
            return
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MAX_BYTES:
            self._refuse(HTTPStatus.BAD_REQUEST, b"")
            return
        try:
            status, headers, content = self._ask(self.rfile.read(int(length)))
        except (OSError, http.client.HTTPException):
            self._refuse(HTTPStatus.BAD_GATEWAY, b"")
        else:
            self._answer(status, headers, content)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 (their names there)

    def log_message(self, *_: object) -> None:
        """Log no request."""

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.server.behind, timeout=TIMEOUT_SECONDS)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_THE_CONNECTION}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _refuse(self, status: HTTPStatus, problem: bytes) -> None:
        self.close_connection = True
        self._answer(status, [("Content-Type", PROBLEM)], problem)

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in OF_THE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class PageServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, behind: int) -> None:
        self.behind = behind
        super().__init__((LOOPBACK, port), Handler)


@contextmanager
def serve_page(port: int, behind: int) -> Iterator[str]:
    """Serve in a thread of this process for the length of a `with` block; yield the address."""
    with PageServer(port, behind) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield f"http://{LOOPBACK}:{port}"
        finally:
            server.shutdown()
            serving.join()


if __name__ == "__main__":
    PageServer(int(sys.argv[1]), int(sys.argv[2])).serve_forever()
