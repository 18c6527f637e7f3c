"""A worker and the intake service as processes of their own, as `make up` starts them, beside servers of a test."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from local.ephemeral_stack import EphemeralStack
from local.servers.intake import intake, key_file
from local.servers.worker import worker
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.roles import Role
from local.supervisor.stack import Stack

AS_MUCH_AS_THEY_LIKE = {"COMPLAINTS_INTAKE_RATE": "100000", "COMPLAINTS_INTAKE_AT_ONCE": "1000"}


@dataclass(frozen=True)
class Product:
    stack: Stack
    worker: Role
    url: str
    """The intake service's."""
    key: str
    """That of a system which may do everything."""

    async def restart_worker(self, how: signal.Signals) -> None:
        [process] = [entry.process for entry in self.stack.entries() if entry.name == "worker"]
        await asyncio.to_thread(process.stop, how, 45.0)
        await asyncio.to_thread(self.stack.start, [self.worker])


@contextmanager
def product(servers: EphemeralStack, folder: Path, task_queue: str) -> Iterator[Product]:
    """Both are ready; stopped at the end."""
    stack, port = Stack(folder), free_port()
    queue = {"COMPLAINTS_TASK_QUEUE": task_queue}
    address, url = servers.temporal_address, servers.database_url
    roles = [
        worker(folder, temporal_address=address, database_url=url),
        intake(folder, port=port, temporal_address=address, database_url=url),
    ]
    roles = [replace(role, env={**role.env, **queue, **AS_MUCH_AS_THEY_LIKE}) for role in roles]
    try:
        stack.start(roles)
        yield Product(stack, roles[0], f"http://{LOOPBACK}:{port}", key_file(folder).read_text().strip())
    finally:
        stack.stop()
