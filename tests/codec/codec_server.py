"""Run the codec server for the tests: over HTTP, with keys in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from google.protobuf.json_format import MessageToDict, ParseDict
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import DataConverter, WorkflowSerializationContext

from codec.run import serve
from complaints.encryption.converter import data_converter
from complaints.encryption.data_keys import KeyRing
from complaints.settings import CodecSettings
from local.supervisor.ports import LOOPBACK, free_port

NAMESPACE = "default"
PAGE = "http://127.0.0.1:8233"
"""The origin of Temporal's page."""
STARTED_WITHIN = 60.0
"""Seconds."""


@dataclass(frozen=True)
class CodecServer:
    """A running codec server."""

    url: str
    keys: KeyRing

    def client(self, token: str | None = None, **headers: str) -> httpx2.AsyncClient:
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.AsyncClient(base_url=self.url, headers={**authorization, **headers}, timeout=30)

    def converter(self, workflow_id: str, namespace: str = NAMESPACE) -> DataConverter:
        """Return the converter with which a workflow's payloads are encrypted."""
        context = WorkflowSerializationContext(namespace=namespace, workflow_id=workflow_id)
        return data_converter(self.keys, namespace).with_context(context)

    async def encrypted(self, workflow_id: str, value: Any, namespace: str = NAMESPACE) -> Payload:
        [payload] = await self.converter(workflow_id, namespace).encode([value])
        return payload

    async def seen(self, token: str | None, *payloads: Payload) -> list[Any]:
        """Return what somebody sees of payloads."""
        async with self.client(token) as caller:
            return values_of(await caller.post("/decode", json=body_of(*payloads)))


def body_of(*payloads: Payload) -> dict[str, Any]:
    return MessageToDict(Payloads(payloads=payloads))


def payloads_of(answer: httpx2.Response) -> list[Payload]:
    assert answer.status_code == 200, answer.text
    return list(ParseDict(answer.json(), Payloads()).payloads)


def values_of(answer: httpx2.Response) -> list[Any]:
    return DataConverter.default.payload_converter.from_payloads(payloads_of(answer))


@asynccontextmanager
async def serving_codec(
    engine: AsyncEngine, keys: KeyRing, *, port: int | None = None, namespace: str = NAMESPACE, **settings: Any
) -> AsyncIterator[CodecServer]:
    """Serve in this process during the `with` block; then the record has the server's counts."""
    address, stopping = f"{LOOPBACK}:{port or free_port()}", asyncio.Event()
    codec_settings = CodecSettings.model_validate({"codec": address, "codec_origins": [PAGE], **settings})
    running = asyncio.create_task(serve(codec_settings, engine, keys, namespace, stopping))
    server = CodecServer(f"http://{address}", keys)
    try:
        await _ready(server, running)
        yield server
    finally:
        stopping.set()
        await running


async def _ready(server: CodecServer, running: "asyncio.Task[None]") -> None:
    async with asyncio.timeout(STARTED_WITHIN), server.client() as caller:
        while not running.done():
            try:
                if (await caller.get("/readyz")).status_code == 200:
                    return
            except httpx2.ConnectError:
                await asyncio.sleep(0.02)
        await running
