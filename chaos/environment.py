"""The environment of a run: servers and workers as processes that may be killed.

Their data is on disk and survives. Workers reach PostgreSQL through a proxy that can hang, refuse or cut connections.
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
from complaints.settings import Settings
from complaints.temporal.client import TemporalUnreachableError, connect
from local.ephemeral_stack import watched_directory
from local.servers.owner import upgrade_as_owner
from local.servers.postgres import database_url, postgres
from local.servers.temporal import temporal
from local.servers.worker import worker
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import Process
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack
from tests.fixtures.staff import import_staff
from tests.fixtures.tcp_proxy import TcpProxy

DEPLOYMENT = "complaints"
CONTINUE_AS_NEW_OFTEN = {"limit.historyCount.suggestContinueAsNew": "100"}
"""So that complaints continue as new during a run."""
START_ATTEMPTS = 3
START_TIMEOUT_SECONDS = 30.0
"""With faults meanwhile."""


@dataclass
class Environment:
    stack: Stack
    postgres: Role
    temporal: Role
    address: str
    """Temporal's address."""
    proxy: TcpProxy
    """Between the workers and PostgreSQL."""
    client: Client
    engine: AsyncEngine
    """Connects to the record without the proxy."""
    builds: int = 1
    worker: str = ""
    """The name of the current worker."""
    temporal_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    postgres_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    worker_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def logs(self) -> Path:
        return self.stack.log("").parent

    async def kill(self, name: str) -> None:
        """Kill a process with SIGKILL."""
        await asyncio.to_thread(self._process(name).stop, signal.SIGKILL, 5.0)

    async def start(self, role: Role) -> None:
        """Start a process, and retry: another connection may hold its port for a moment."""
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                await asyncio.to_thread(self.stack.start, [role])
            except StackError:
                if attempt == START_ATTEMPTS:
                    raise
            else:
                return

    async def start_worker(self) -> str:
        """Start a worker of the current build while the servers run; return its name."""
        async with self.temporal_lock, self.postgres_lock:
            role = self._worker(f"worker-{next(self._numbers)}")
            await self.start(role)
            self.worker = role.name
        return role.name

    async def stop_worker(self, name: str) -> None:
        """Stop a worker with SIGTERM."""
        await asyncio.to_thread(self._process(name).stop, signal.SIGTERM, 45.0)

    async def make_current(self) -> None:
        """Make the current build the deployment's current version, once Temporal knows it."""
        which = ("--deployment-name", DEPLOYMENT, "--build-id", f"b{self.builds}", "--yes")
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            while await temporal_command(self.address, "worker", "deployment", "set-current-version", *which):
                continue

    def all_running(self) -> bool:
        """Whether both servers and the current worker run."""
        return all(self._process(name).alive() for name in ("postgres", "temporal", self.worker))

    def _process(self, name: str) -> Process:
        return next(entry.process for entry in self.stack.entries() if entry.name == name)

    def _worker(self, name: str) -> Role:
        """Return the worker's role without its migration: the database has its tables."""
        role = worker(self.stack.directory, temporal_address=self.address, database_url=self.proxy.url)
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
async def start_environment() -> AsyncIterator[Environment]:
    """Start servers and a worker; stop and erase them at the end."""
    with watched_directory() as directory:
        stack = Stack(directory)
        to_postgres, to_temporal, address, url, client = await _servers(stack)
        await asyncio.to_thread(upgrade_as_owner, url)
        await import_staff(url)
        engine = make_engine(url, pool_size=10, command_timeout_seconds=10)
        async with TcpProxy.to(url) as proxy:
            environment = Environment(stack, to_postgres, to_temporal, address, proxy, client, engine)
            await environment.start_worker()
            await environment.make_current()
            yield environment
            await environment.kill(environment.worker)
            await engine.dispose()


async def _servers(stack: Stack) -> tuple[Role, Role, str, str, Client]:
    """Start PostgreSQL and Temporal; retry on other ports if one was taken meanwhile."""
    for attempt in range(1, START_ATTEMPTS + 1):
        ports = [free_port() for _ in range(4)]
        to_postgres = postgres(stack.directory, port=ports[0])
        to_temporal = temporal(
            stack.directory, port=ports[1], ui_port=ports[2], http_port=ports[3], dynamic_config=CONTINUE_AS_NEW_OFTEN
        )
        address = f"{LOOPBACK}:{ports[1]}"
        try:
            await asyncio.to_thread(stack.start, [to_postgres, to_temporal])
            client = await connect({"TEMPORAL_ADDRESS": address})
        except (StackError, TemporalUnreachableError):
            if attempt == START_ATTEMPTS:
                raise
            await asyncio.to_thread(stack.stop)
        else:
            return to_postgres, to_temporal, address, database_url(stack.directory, ports[0]), client
    raise AssertionError("the last attempt returns or raises")


TASK_QUEUE = Settings().task_queue
