"""A webhook receiver in this process that keeps requests and shows injected faults.

async with WebhookServer() as webhook_server:
    webhook_server.inject("answer", 503, times=2)
    webhook_server.inject("answer", Silence.HANG)
    await webhook_server.stop(); await webhook_server.start()
    webhook_server.requests, webhook_server.by_key()
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
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebhookServer(FaultQueue):
    """Answers 204, or the status of a fault; 307 redirects elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.requests: list[ReceivedRequest] = []
        self._running = AsyncExitStack()

    @property
    def url(self) -> str:
        """The value of COMPLAINTS_WEBHOOK."""
        return f"http://{LOOPBACK}:{self.port}/alerts"

    def by_key(self) -> dict[str, list[ReceivedRequest]]:
        """Group the requests by their id, as a receiver that drops repeats does."""
        requests: dict[str, list[ReceivedRequest]] = defaultdict(list)
        for request in self.requests:
            requests[request.headers["idempotency-key"]].append(request)
        return dict(requests)

    async def start(self) -> None:
        app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["GET", "POST"])])
        await self._running.enter_async_context(serve_http(app, listen(Address(LOOPBACK, self.port))))

    async def stop(self) -> None:
        await self._running.aclose()

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
