"""Serve the local stack's identity provider on the loopback.

Its role runs it as `python -m local.sign_in.server PORT KEY_FILE`.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from local.sign_in.issuer import Issuer, SigningKey
from local.supervisor.ports import LOOPBACK, free_port

READ_TIMEOUT_SECONDS = 10


class Handler(BaseHTTPRequestHandler):
    """Answer one connection."""

    server: "SignInServer"
    timeout = READ_TIMEOUT_SECONDS

    def do_GET(self) -> None:
        issuer = self.server.issuer
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": issuer.discovery,
            "/jwks": lambda: {"keys": [issuer.key.public]},
        }
        answer = answers.get(self.path)
        if not self._is_own():
            self._answer({"error": "access_denied"}, HTTPStatus.FORBIDDEN)
        elif answer is None:
            self._answer({"error": "not_found"}, HTTPStatus.NOT_FOUND)
        else:
            self._answer(answer())

    def log_message(self, *_: object) -> None:
        """Log no request: its address may hold a code."""

    def _is_own(self) -> bool:
        """Check that no web page of another origin sent this, nor a name that leads here by DNS."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        return host == self.server.host and origin in (None, f"http://{host}")

    def _answer(self, body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


class SignInServer(ThreadingHTTPServer):
    """The provider at a loopback port."""

    daemon_threads = True

    def __init__(self, port: int, key: SigningKey) -> None:
        self.host = f"{LOOPBACK}:{port}"
        self.issuer = Issuer(f"http://{self.host}", key)
        super().__init__((LOOPBACK, port), Handler)


@contextmanager
def serve_sign_in(key: SigningKey | None = None) -> Iterator[Issuer]:
    """Serve in a thread of this process, on a free port."""
    with SignInServer(free_port(), key or SigningKey.new()) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield server.issuer
        finally:
            server.shutdown()
            serving.join()


def main(port: int, key_file: Path) -> None:
    """Serve until a signal ends the process."""
    SignInServer(port, SigningKey.kept_in(key_file)).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
