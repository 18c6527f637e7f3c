"""Serve the local stack's identity provider on the loopback.

Its role runs it as `python -m local.sign_in.server PORT KEY_FILE`. No web page of another origin can use it.
"""

import html
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.sign_in.grants import Grants, OAuthError
from local.sign_in.issuer import Issuer, SigningKey
from local.supervisor.ports import LOOPBACK, free_port

READ_TIMEOUT_SECONDS = 10
MAX_BODY = 10_000
"""Bytes."""
JSON, HTML = "application/json", "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
PAGE = """<!DOCTYPE html><html lang="en"><title>Sign in</title><h1>Sign in to the local stack</h1>
<p>{said}</p><form method="post" action="/device"><p><label>Code <input name="user_code" value="{code}"></label>
<p><label>Staff id <input name="staff" autofocus></label> <button>Sign in</button></form></html>
"""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
}


class Handler(BaseHTTPRequestHandler):
    """Answer one request."""

    server: "SignInServer"
    timeout = READ_TIMEOUT_SECONDS

    def do_GET(self) -> None:
        """Answer the discovery, the keys, or the page on which a person signs in."""
        issuer, address = self.server.issuer, urlsplit(self.path)
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": issuer.discovery,
            "/jwks": lambda: {"keys": [issuer.key.public]},
        }
        if not self._is_own():
            self._answer({"error": "access_denied"}, HTTPStatus.FORBIDDEN)
        elif address.path == "/device":
            self._show_page("", dict(parse_qsl(address.query)).get("user_code", ""))
        elif address.path in answers:
            self._answer(answers[address.path]())
        else:
            self._answer({"error": "not_found"}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Answer a request for a code or for tokens."""
        grants = self.server.grants
        answers: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
            "/device-authorization": grants.start_device,
            "/token": grants.token,
            "/revoke": grants.revoke,
        }
        fields = self._read_form() if self._is_own() else None
        if fields is None:
            self._answer({"error": "access_denied"}, HTTPStatus.FORBIDDEN)
        elif self.path == "/device":
            is_approved = grants.approve(fields.get("user_code", ""), fields.get("staff", "").strip().lower())
            said = "You are signed in; go back to the terminal." if is_approved else "There is no such code."
            self._show_page(said, "")
        elif self.path in answers:
            try:
                self._answer(answers[self.path](fields))
            except OAuthError as error:
                self._answer({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        else:
            self._answer({"error": "not_found"}, HTTPStatus.NOT_FOUND)

    def log_message(self, *_: object) -> None:
        """Log no request: its address may hold a code."""

    def _is_own(self) -> bool:
        """Check that no web page of another origin sent this, nor a name that leads here by DNS."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        return host == self.server.host and origin in (None, f"http://{host}")

    def _read_form(self) -> dict[str, str] | None:
        """Read the body; None if it is no form, or too long."""
        length = self.headers.get("Content-Length", "")
        is_form = self.headers.get_content_type() == FORM and "Transfer-Encoding" not in self.headers
        if not (is_form and length.isascii() and length.isdecimal() and int(length) <= MAX_BODY):
            self.close_connection = True
            return None
        return dict(parse_qsl(self.rfile.read(int(length)).decode(errors="replace")))

    def _show_page(self, said: str, code: str) -> None:
        page = PAGE.format(said=html.escape(said), code=html.escape(code))
        self._send(page.encode(), HTML, HTTPStatus.OK)

    def _answer(self, body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(body).encode(), JSON, status)

    def _send(self, content: bytes, kind: str, status: HTTPStatus) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **HEADERS}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class SignInServer(ThreadingHTTPServer):
    """The provider at a loopback port."""

    daemon_threads = True

    def __init__(self, port: int, key: SigningKey) -> None:
        self.host = f"{LOOPBACK}:{port}"
        self.issuer = Issuer(f"http://{self.host}", key)
        self.grants = Grants(self.issuer)
        super().__init__((LOOPBACK, port), Handler)


@contextmanager
def serve_sign_in(key: SigningKey | None = None, port: int | None = None) -> Iterator[Issuer]:
    """Serve in a thread of this process; without a key and a port, with new ones."""
    with SignInServer(port or free_port(), key or SigningKey.new()) as server:
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
