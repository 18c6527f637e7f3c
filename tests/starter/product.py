"""Run a worker and the intake service as processes on test servers, as `make up` does."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from local.ephemeral_stack import EphemeralStack
from local.servers.intake import intake, key_file
from local.servers.sign_in import sign_in_settings
from local.servers.worker import worker
from local.sign_in.issuer import Issuer
from local.sign_in.server import serve_sign_in
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.roles import Role
from local.supervisor.stack import Stack

HIGH_LIMITS = {"COMPLAINTS_INTAKE_RATE": "100000", "COMPLAINTS_INTAKE_AT_ONCE": "1000"}


@dataclass(frozen=True)
class Product:
    stack: Stack
    worker: Role
    url: str
    """Of the intake service."""
    key: str
    """Of a system with every scope."""
    issuer: Issuer
    """Signs in staff."""

    async def restart_worker(self, how: signal.Signals) -> None:
        [process] = [entry.process for entry in self.stack.entries() if entry.name == "worker"]
        await asyncio.to_thread(process.stop, how, 45.0)
        await asyncio.to_thread(self.stack.start, [self.worker])


@contextmanager
def product(servers: EphemeralStack, folder: Path, task_queue: str) -> Iterator[Product]:
    """Start a worker and the intake service; stop both at the end of the `with` block."""
    stack, port = Stack(folder), free_port()
    queue = {"COMPLAINTS_TASK_QUEUE": task_queue}
    address, url, keys = servers.temporal_address, servers.database_url, servers.key_settings
    with serve_sign_in() as issuer:
        settings = sign_in_settings(urlsplit(issuer.url).port or 0)
        roles = [
            worker(folder, temporal_address=address, database_url=url, keys=keys),
            intake(folder, port=port, temporal_address=address, database_url=url, keys=keys, sign_in=settings),
        ]
        roles = [replace(role, env={**role.env, **queue, **HIGH_LIMITS}) for role in roles]
        try:
            stack.start(roles)
            yield Product(stack, roles[0], f"http://{LOOPBACK}:{port}", key_file(folder).read_text().strip(), issuer)
        finally:
            stack.stop()
