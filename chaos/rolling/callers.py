"""Send requests over HTTP until they are answered, as the documents ask of callers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from chaos.oracle import Violation
from chaos.rolling.tally import CUT, REFUSED, TIMED_OUT, WITHOUT_RETRY_AFTER, Tallies

TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 0.2
"""After a connection without an answer."""
RETRIED = (429, 503)
PROBLEM = "application/problem+json"


@dataclass
class Caller:
    """Sends requests to one service, and notes what it sees. It keeps its connections open."""

    kind: str
    http: httpx2.AsyncClient
    tallies: Tallies

    async def get(self, path: str, token: str) -> httpx2.Response:
        return await self.send("GET", path, token)

    async def post(self, path: str, token: str, body: Any) -> httpx2.Response:
        return await self.send("POST", path, token, body)

    async def send(self, method: str, path: str, token: str, body: Any = None) -> httpx2.Response:
        """Send the same request until it is answered by something else than 429 and 503."""
        loop = asyncio.get_running_loop()
        first = loop.time()
        while True:
            begun = loop.time()
            try:
                headers = {"Authorization": f"Bearer {token}"}
                answer = await self.http.request(method, path, headers=headers, json=body)
            except httpx2.TransportError as error:
                self.tallies.note(self.kind, _name(error), loop.time() - begun)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            wait = answer.headers.get("Retry-After")
            is_retried = answer.status_code in RETRIED
            self.tallies.note(self.kind, _name_answer(answer), loop.time() - begun)
            if not is_retried:
                self.tallies.note_end(self.kind, loop.time() - first)
                return answer
            await asyncio.sleep(float(wait or RETRY_SECONDS))


@asynccontextmanager
async def make_caller(kind: str, url: str, tallies: Tallies) -> AsyncIterator[Caller]:
    async with httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as http:
        yield Caller(kind, http, tallies)


def require(answer: httpx2.Response, *statuses: int) -> httpx2.Response:
    """Return the answer. Raises Violation if it has another status."""
    if answer.status_code not in statuses:
        raise Violation(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}")
    return answer


def _name_answer(answer: httpx2.Response) -> str:
    if answer.status_code not in RETRIED:
        return str(answer.status_code)
    words = [str(answer.status_code)]
    if answer.headers.get("Content-Type") == PROBLEM:
        words.append(answer.json()["code"])
    return " ".join(words if "Retry-After" in answer.headers else [*words, WITHOUT_RETRY_AFTER])


def _name(error: httpx2.TransportError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return TIMED_OUT
    return REFUSED if isinstance(error, httpx2.ConnectError) else CUT
