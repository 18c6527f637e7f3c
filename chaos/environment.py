"""The environment of a run: servers and workers as processes that may be killed.

Their data is on disk and survives. Workers reach PostgreSQL through a proxy that can hang, refuse or cut connections.
"""

import asyncio
import itertools
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from chaos.gate import Gate
from chaos.senders import ActSender
from chaos.temporal_cli import temporal_command
from complaints.api_keys import ApiKey
from complaints.encryption.key_ring import StoredKeys, open_key_ring
from complaints.records.database import make_engine
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import watched_directory
from local.servers.owner import upgrade_as_owner, upgrade_keys_as_owner
from local.servers.postgres import database_url, keys_url, postgres
from local.servers.temporal import temporal
from local.servers.worker import NOWHERE, ROOT, worker
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import Process
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack
from tests.encryption.vault_server import TOKEN, VaultServer, vault_server
from tests.fixtures.empty_record import execute_as_owner
from tests.fixtures.staff import NO_KEYS, import_staff
from tests.fixtures.tcp_proxy import TcpProxy
from worker.replay.fetch_histories import ALL_RUNS

DEPLOYMENT = "complaints"
CONTINUE_AS_NEW_OFTEN = {"limit.historyCount.suggestContinueAsNew": "100"}
"""So that complaints continue as new during a run."""
START_ATTEMPTS = 3
START_TIMEOUT_SECONDS = DELETION_TIMEOUT_SECONDS = 60.0
"""On a busy machine, with faults meanwhile."""


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
    keys: Mapping[str, str]
    """Settings of the key ring: the key store through a proxy, and Vault."""
    keys_proxy: TcpProxy
    vault: VaultServer
    """It has the key-encryption key."""
    ring: StoredKeys
    """Of `client`."""
    builds: int = 1
    worker: str = ""
    """The name of the current worker."""
    senders: Sequence[ActSender] = ()
    """Of the run."""
    gate: Gate = field(default_factory=Gate)
    """Closed while the intake service would be stopped."""
    restore_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One complaint or server is revived or restored at a time."""
    temporal_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    postgres_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    worker_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def logs(self) -> Path:
        return self.stack.log("").parent

    @contextmanager
    def keys_cut_off(self) -> Iterator[None]:
        """Cut the key store and the key-encryption service off, for the length of a `with` block."""
        self.vault.is_away = True
        self.keys_proxy.refuse()
        try:
            yield
        finally:
            self.keys_proxy.restore()
            self.vault.is_away = False

    async def kill(self, name: str) -> None:
        """Kill a process with SIGKILL, if it runs."""
        if process := self.process(name):
            await asyncio.to_thread(process.stop, signal.SIGKILL, 30.0)

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
            role = self.worker_role()
            await self.start(role)
            self.worker = role.name
        return role.name

    async def stop_worker(self, name: str) -> None:
        """Stop a worker with SIGTERM."""
        if process := self.process(name):
            await asyncio.to_thread(process.stop, signal.SIGTERM, 45.0)

    async def make_current(self) -> None:
        """Make the current build the deployment's current version, once Temporal knows it."""
        which = ("--deployment-name", DEPLOYMENT, "--build-id", f"b{self.builds}", "--yes")
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            while await temporal_command(self.address, "worker", "deployment", "set-current-version", *which):
                continue

    async def worker_command(self, *arguments: str) -> tuple[int, str]:
        """Run `python -m worker`; return its exit code and output.

        It is run again while a server is unavailable.
        """
        number = next(self._numbers)
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "worker", *arguments),
                cwd=ROOT,
                env=self._worker_role(f"command-{number}").env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            output = (await process.communicate())[0].decode()
            with self.stack.log(f"command-{number}").open("a") as log:
                log.write(f"$ python -m worker {' '.join(arguments)}\n{output}exit code {process.returncode}\n")
            if process.returncode != UNAVAILABLE:
                return process.returncode or 0, output

    async def remove_complaints(self) -> None:
        """Remove the run's complaints from both servers.

        A later run must not revive or reconcile them.
        """
        for sender in self.senders:
            with suppress(RPCError):
                await sender.driver.handle.terminate()
        async with asyncio.timeout(DELETION_TIMEOUT_SECONDS):
            while runs := [run async for run in self.client.list_workflows(ALL_RUNS)]:
                await asyncio.gather(*(self._delete_run(run.id, run.run_id) for run in runs))
                await asyncio.sleep(0.1)
        url = self.engine.url.render_as_string(hide_password=False)
        await execute_as_owner(url, "SET LOCAL session_replication_role = replica; TRUNCATE complaints CASCADE")
        self.senders = ()

    def process(self, name: str) -> Process | None:
        return next((entry.process for entry in self.stack.entries() if entry.name == name), None)

    def worker_role(self, settings: Mapping[str, str] = NOWHERE) -> Role:
        """Return the role of another worker of the current build. `settings`: beyond the usual ones."""
        return self._worker_role(f"worker-{next(self._numbers)}", settings)

    def all_running(self) -> bool:
        """Whether both servers and the current worker run."""
        processes = [self.process(name) for name in ("postgres", "temporal", self.worker)]
        return all(process and process.alive() for process in processes)

    async def _delete_run(self, reference: str, run_id: str) -> None:
        execution = WorkflowExecution(workflow_id=reference, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=self.client.namespace, workflow_execution=execution)
        with suppress(RPCError):  # it may be gone, though it is still on the list
            await self.client.workflow_service.delete_workflow_execution(request)

    def _worker_role(self, name: str, settings: Mapping[str, str] = NOWHERE) -> Role:
        """Return the worker's role without its migration: the database has its tables."""
        role = worker(self.stack.directory, temporal_address=self.address, database_url=self.proxy.url, keys=self.keys)
        ready = self.stack.directory / f"{name}.ready"
        settings = {
            **settings,
            "COMPLAINTS_READY_FILE": str(ready),
            "COMPLAINTS_DEPLOYMENT": DEPLOYMENT,
            "COMPLAINTS_BUILD_ID": f"b{self.builds}",
        }
        return replace(
            role, name=name, env={**role.env, **settings}, prepare=lambda: None, ready=lambda _: ready.exists()
        )


@asynccontextmanager
async def start_environment(
    *, with_worker: bool = True, systems: Mapping[str, ApiKey] = NO_KEYS
) -> AsyncIterator[Environment]:
    """Start servers and a worker; stop and erase them at the end.

    `systems`: keys of systems that have every scope.
    """
    with watched_directory() as directory:
        stack = Stack(directory)
        to_postgres, to_temporal, address, url = await _servers(stack)
        store = keys_url(directory, make_url(url).port or 0)
        await asyncio.to_thread(upgrade_as_owner, url)
        await asyncio.to_thread(upgrade_keys_as_owner, store)
        await import_staff(url, systems)
        async with AsyncExitStack() as opened:
            vault = opened.enter_context(vault_server())
            proxy, keys_proxy = [await opened.enter_async_context(TcpProxy.to(each)) for each in (url, store)]
            keys = _key_settings(directory, keys_proxy, vault)
            ring = await opened.enter_async_context(open_key_ring(Settings.read(keys)))
            engine = make_engine(url, keys=ring, pool_size=10, command_timeout_seconds=10)
            client = await connect({"TEMPORAL_ADDRESS": address}, ring)
            environment = Environment(
                stack, to_postgres, to_temporal, address, proxy, client, engine, keys, keys_proxy, vault, ring
            )
            if with_worker:
                await environment.start_worker()
                await environment.make_current()
            yield environment
            await environment.kill(environment.worker)
            await engine.dispose()


def _key_settings(directory: Path, store: TcpProxy, vault: VaultServer) -> Mapping[str, str]:
    token = directory / "vault-token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    name = f"vault:{vault.url}/transit/complaints?token_file={token}"
    return {"COMPLAINTS_KEYS_URL": store.url, "COMPLAINTS_KEY_ENCRYPTION_KEYS": name}


async def _servers(stack: Stack) -> tuple[Role, Role, str, str]:
    """Start PostgreSQL and Temporal; retry on other ports if one was taken meanwhile."""
    for attempt in range(1, START_ATTEMPTS + 1):
        ports = [free_port() for _ in range(3)]
        to_postgres = postgres(stack.directory, port=ports[0])
        to_temporal = temporal(stack.directory, port=ports[1], http_port=ports[2], dynamic_config=CONTINUE_AS_NEW_OFTEN)
        address = f"{LOOPBACK}:{ports[1]}"
        try:
            await asyncio.to_thread(stack.start, [to_postgres, to_temporal])
        except StackError:
            if attempt == START_ATTEMPTS:
                raise
            await asyncio.to_thread(stack.stop)
        else:
            return to_postgres, to_temporal, address, database_url(stack.directory, ports[0])
    raise AssertionError("the last attempt returns or raises")


UNAVAILABLE = 4
"""The exit code of a command while Temporal or PostgreSQL is unavailable."""
TASK_QUEUE = Settings().task_queue
