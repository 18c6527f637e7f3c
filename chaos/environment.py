"""The ground that a run stands on: servers and workers as processes of their own, any of which may be killed.

Their data is on the disk and outlives them. Workers reach PostgreSQL through a line that can go dead, or be cut.
"""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from chaos.temporal_cli import temporal_command
from complaints.records.database import make_engine
from complaints.records.migrate import upgrade
from complaints.settings import Settings
from complaints.temporal.client import TemporalUnreachableError, connect
from local.ephemeral_stack import watched_directory
from local.servers.postgres import database_url, postgres
from local.servers.temporal import temporal
from local.servers.worker import worker
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import Process
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack
from tests.fixtures.staff import enter_people
from tests.fixtures.tcp_proxy import Line

DEPLOYMENT = "complaints"
RESTLESS = {"limit.historyCount.suggestContinueAsNew": "100"}
"""So that complaints continue as new in the middle of it all."""
ATTEMPTS = 3
STARTED_WITHIN = 30.0
"""Seconds, with all that strikes meanwhile."""


@dataclass
class Ground:
    stack: Stack
    postgres: Role
    temporal: Role
    address: str
    """Temporal's."""
    line: Line
    """Between the workers and PostgreSQL."""
    client: Client
    engine: AsyncEngine
    """To the record, past the line."""
    builds: int = 1
    worker: str = ""
    """The name of the one that is to work now."""
    temporal_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    postgres_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    worker_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def logs(self) -> Path:
        return self.stack.log("").parent

    async def kill(self, name: str) -> None:
        """Kill -9."""
        await asyncio.to_thread(self._process(name).stop, signal.SIGKILL, 5.0)

    async def start(self, role: Role) -> None:
        """Once more where it ends early: somebody's connection may have its port for a moment."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await asyncio.to_thread(self.stack.start, [role])
            except StackError:
                if attempt == ATTEMPTS:
                    raise
            else:
                return

    async def start_worker(self) -> str:
        """The next one, of the current build; its name. It does not start without servers, as by its own account."""
        async with self.temporal_lock, self.postgres_lock:
            role = self._worker(f"worker-{next(self._numbers)}")
            await self.start(role)
            self.worker = role.name
        return role.name

    async def stop_worker(self, name: str) -> None:
        """By SIGTERM."""
        await asyncio.to_thread(self._process(name).stop, signal.SIGTERM, 45.0)

    async def make_current(self) -> None:
        """Tasks go to workers of the current build, as soon as Temporal has heard of it."""
        which = ("--deployment-name", DEPLOYMENT, "--build-id", f"b{self.builds}", "--yes")
        async with asyncio.timeout(STARTED_WITHIN):
            while await temporal_command(self.address, "worker", "deployment", "set-current-version", *which):
                continue

    def works(self) -> bool:
        """Whether everything runs that should."""
        return all(self._process(name).alive() for name in ("postgres", "temporal", self.worker))

    def _process(self, name: str) -> Process:
        return next(entry.process for entry in self.stack.entries() if entry.name == name)

    def _worker(self, name: str) -> Role:
        """The project's own, but for its migration: the database has its tables."""
        role = worker(self.stack.directory, temporal_address=self.address, database_url=self.line.url)
        ready = self.stack.directory / f"{name}.ready"
        settings = {
            "COMPLAINTS_READY_FILE": str(ready),
            "COMPLAINTS_DEPLOYMENT": DEPLOYMENT,
            "COMPLAINTS_BUILD_ID": f"b{self.builds}",
        }
        return replace(
            role, name=name, env={**role.env, **settings}, prepare=lambda: None, ready=lambda _: ready.exists()
        )


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Servers and a worker, all of them well; stopped and erased at the end, in whatever way it ends."""
    with watched_directory() as directory:
        stack = Stack(directory)
        to_postgres, to_temporal, address, url, client = await _servers(stack)
        await asyncio.to_thread(upgrade, url)
        await enter_people(url)
        engine = make_engine(url, pool_size=10, command_seconds=10)
        async with Line.to(url) as line:
            made = Ground(stack, to_postgres, to_temporal, address, line, client, engine)
            await made.start_worker()
            await made.make_current()
            yield made
            await made.kill(made.worker)
            await engine.dispose()


async def _servers(stack: Stack) -> tuple[Role, Role, str, str, Client]:
    """PostgreSQL and Temporal, Temporal's address, the database's, and a client: where a port is lost, on others."""
    for attempt in range(1, ATTEMPTS + 1):
        ports = [free_port() for _ in range(4)]
        to_postgres = postgres(stack.directory, port=ports[0])
        to_temporal = temporal(
            stack.directory, port=ports[1], ui_port=ports[2], http_port=ports[3], dynamic_config=RESTLESS
        )
        address = f"{LOOPBACK}:{ports[1]}"
        try:
            await asyncio.to_thread(stack.start, [to_postgres, to_temporal])
            client = await connect({"TEMPORAL_ADDRESS": address})
        except (StackError, TemporalUnreachableError):
            if attempt == ATTEMPTS:
                raise
            await asyncio.to_thread(stack.stop)
        else:
            return to_postgres, to_temporal, address, database_url(stack.directory, ports[0]), client
    raise AssertionError("the last attempt returns or raises")


TASK_QUEUE = Settings().task_queue
