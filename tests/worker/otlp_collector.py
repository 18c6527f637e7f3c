"""A collector of traces on the loopback, for OTLP over HTTP."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

RECEIVED_WITHIN = 60.0
"""Seconds; a worker sends what it has every five."""


class Collector:
    """The spans received."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.bodies: list[bytes] = []

    def spans(self, name: str | None = None) -> list[Span]:
        """Return the spans of that name, or all."""
        return [span for span in self._spans() if name in (None, span.name)]

    async def span(self, name: str, *, of: bytes | None = None) -> Span:
        """Wait for the first span of that name, and of that trace if given."""
        async with asyncio.timeout(RECEIVED_WITHIN):
            while True:
                for span in self.spans(name):
                    if of in (None, span.trace_id):
                        return span
                await asyncio.sleep(0.1)

    def _spans(self) -> Iterator[Span]:
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    yield from scope.spans


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.bodies.append(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collector
        finally:
            await asyncio.to_thread(server.shutdown)
            thread.join()
