"""A real receiver of webhooks in this process, on the loopback: keeps what it was told, and misbehaves as it is told.

async with Receiver() as receiver:                  # COMPLAINTS_WEBHOOK is receiver.url
    receiver.misbehave("answer", 503, times=2)
    receiver.misbehave("answer", Silent.HANG)
    await receiver.die(); await receiver.come_back()   # at the same port
    receiver.calls, receiver.by_key()
"""

import json
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from complaints.runtime.http_server import listen, serve_http
from complaints.settings import Address
from local.supervisor.ports import LOOPBACK, free_port
from tests.channels.faults import FaultQueue, Silence, wait_until_cancelled


@dataclass(frozen=True)
class ReceivedRequest:
    """One call, and the answer that was given: None for silence."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebhookServer(FaultQueue):
    """Answers 204, and 307 to elsewhere if told 307."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.requests: list[ReceivedRequest] = []
        self._serving = AsyncExitStack()

    @property
    def url(self) -> str:
        """For COMPLAINTS_WEBHOOK."""
        return f"http://{LOOPBACK}:{self.port}/alerts"

    def by_key(self) -> dict[str, list[ReceivedRequest]]:
        """What a receiver that drops repeats would make of it."""
        found: dict[str, list[ReceivedRequest]] = defaultdict(list)
        for call in self.requests:
            found[call.headers["idempotency-key"]].append(call)
        return dict(found)

    async def start(self) -> None:
        app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["GET", "POST"])])
        await self._serving.enter_async_context(serve_http(app, listen(Address(LOOPBACK, self.port))))

    async def stop(self) -> None:
        await self._serving.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _receive(self, request: Request) -> Response:
        self.requests.append(ReceivedRequest(request.url.path, dict(request.headers), await request.body()))
        fault = await self.next_fault("answer")
        if fault is None:
            return Response(status_code=204)
        if fault is Silence.HANG:
            await wait_until_cancelled()
        assert isinstance(fault, int)
        return Response("said at length", status_code=fault, headers={"Location": "/elsewhere"})
