"""Run the product, its servers and Prometheus as processes that can be broken."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import make_url, select
from temporalio.client import Client, ScheduleIntervalSpec, ScheduleSpec, ScheduleUpdate, ScheduleUpdateInput

from chaos.temporal_cli import TEMPORAL
from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import make_engine
from complaints.records.tables.complaints import events
from complaints.settings import Settings
from complaints.temporal.client import connect
from incidents.prometheus import prometheus, read_alerts
from local.ephemeral_stack import watched_directory
from local.servers.channels import LETTERS
from local.servers.intake import intake, key_file
from local.servers.keys import key_settings
from local.servers.postgres import database_url, postgres
from local.servers.sign_in import sign_in, sign_in_settings
from local.servers.temporal import temporal
from local.servers.worker import ROOT, worker
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.roles import Role
from local.supervisor.stack import Stack
from tests.admin.cli_runner import form
from tests.channels.smtp_server import SmtpServer
from tests.fixtures.tcp_proxy import TcpProxy
from worker.schedules import CALENDAR_CHECK, DIGEST

DYNAMIC_CONFIG = {
    "frontend.WorkflowPauseEnabled": "true",
    # A task that fails twice counts as failing; by default, one that fails five times, which takes a minute.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
}
SCHEDULE_SECONDS = 3.0
"""The daily Schedules run so often."""
START_SECONDS = 120.0
"""The most that a process of ours may take to start, also on a busy machine."""
CALLERS = 10
REQUEST_SECONDS = 2.0
"""Between two requests of a caller. A request that fails takes some seconds."""
SECONDS_POLICY = "tries-by-hand"
"""Its deadlines are 20 and 60 seconds, so that something is due all the time."""
DEPLOYMENT = "complaints"
RECORD_TIMEOUT_SECONDS = 60.0


class CommandFailedError(Exception):
    """A command of ours or of Temporal's ended with another exit code than 0."""


@dataclass
class Environment:
    stack: Stack
    roles: Mapping[str, Role]
    address: str
    """Temporal's address."""
    url: str
    """Of the record."""
    intake_url: str
    intake_proxy: TcpProxy
    """Between the intake service and Temporal."""
    mail: SmtpServer
    prometheus_port: int
    client: Client

    async def start(self, name: str) -> None:
        await asyncio.to_thread(self.stack.start, [self.roles[name]])

    async def stop(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        for entry in self.stack.entries():
            if entry.name == name:
                await asyncio.to_thread(entry.process.stop, how, 45.0)

    async def alerts(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        return await asyncio.to_thread(read_alerts, self.prometheus_port)

    async def complaints(self, *arguments: str) -> str:
        """Run a command of the staff's command line; return its output. Raises CommandFailedError."""
        return await self._run(sys.executable, "-m", "admin", *arguments)

    async def worker_command(self, *arguments: str, accepted: Sequence[int] = (0,)) -> str:
        """Run `python -m worker`; return its output. Raises CommandFailedError."""
        return await self._run(sys.executable, "-m", "worker", *arguments, accepted=accepted)

    async def temporal(self, *arguments: str) -> str:
        """Run a command of Temporal's command line; return its output. Raises CommandFailedError."""
        return await self._run(str(TEMPORAL), *arguments, "--address", self.address)

    async def open(self, reference: str, policy: str = SECONDS_POLICY) -> None:
        """Open a complaint, and wait until it is on the record."""
        file = self.stack.directory / f"{reference}.json"
        file.write_text(json.dumps(form(reference=reference)))
        await self.complaints("open", str(file), "--policy", policy, "--as", "h.lee")
        await self.wait_recorded(reference, "opened")

    async def wait_recorded(self, reference: str, kind: str) -> None:
        """Wait until an event of this kind is on the record. Raises TimeoutError."""
        query = select(events.c.sequence).where(events.c.reference == reference, events.c.kind == kind)
        engine = make_engine(self.url, pool_size=1)  # a new one each time: the server may have restarted
        try:
            async with asyncio.timeout(RECORD_TIMEOUT_SECONDS), engine.connect() as connection:
                while True:
                    if (await connection.execute(query)).first():
                        return
                    await asyncio.sleep(0.2)
        finally:
            await engine.dispose()

    async def send_requests(self) -> None:
        """Send one act again and again from several callers, until cancelled."""
        headers = {"Authorization": f"Bearer {key_file(self.stack.directory).read_text().strip()}"}
        act = {"id": "again", "note": "They rang again."}

        async def call(system: httpx2.AsyncClient) -> None:
            while True:
                with suppress(httpx2.HTTPError):
                    await system.post("/complaints/KNOWN/acts/add_information", json=act)
                await asyncio.sleep(REQUEST_SECONDS)

        async with httpx2.AsyncClient(base_url=self.intake_url, headers=headers, timeout=20) as system:
            opened = await system.post("/complaints", json=form(reference="KNOWN"))
            opened.raise_for_status()
            await asyncio.gather(*(call(system) for _ in range(CALLERS)))

    async def run_schedules_often(self) -> None:
        """Let the daily Schedules run every few seconds."""

        def often(given: ScheduleUpdateInput) -> ScheduleUpdate:
            interval = ScheduleIntervalSpec(every=timedelta(seconds=SCHEDULE_SECONDS))
            given.description.schedule.spec = ScheduleSpec(intervals=[interval])
            return ScheduleUpdate(given.description.schedule)

        for name in (DIGEST, CALENDAR_CHECK):
            await self.client.get_schedule_handle(name).update(often)

    async def _run(self, *command: str, accepted: Sequence[int] = (0,)) -> str:
        environment = {
            **os.environ,
            **_keys(self.stack.directory, self.url),
            "COMPLAINTS_DATABASE_URL": self.url,
            "COMPLAINTS_URL": self.intake_url,
            "TEMPORAL_ADDRESS": self.address,
        }
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode not in accepted:
            raise CommandFailedError(f"{' '.join(command)}: {output.decode()} {errors.decode()}")
        return output.decode()


@asynccontextmanager
async def start_environment() -> AsyncIterator[Environment]:
    """Start everything; stop and erase it at the end. Raises StackError."""
    with watched_directory() as directory:
        stack, ports = Stack(directory), [free_port() for _ in range(10)]
        address = f"{LOOPBACK}:{ports[0]}"
        server = temporal(directory, port=ports[0], http_port=ports[1], dynamic_config=DYNAMIC_CONFIG)
        record = postgres(directory, port=ports[3], throw_away=True)
        await asyncio.to_thread(stack.start, [server, record])
        url = database_url(directory, ports[3])
        async with AsyncExitStack() as opened:
            proxy = await opened.enter_async_context(TcpProxy.to(f"tcp://{address}"))
            mail = await opened.enter_async_context(SmtpServer())
            metrics = {
                name: f"{LOOPBACK}:{port}" for name, port in zip(("worker", "versioned"), ports[4:6], strict=True)
            }
            roles = {
                "temporal": server,
                "postgres": record,
                **{name: _worker(name, directory, address, url, metrics[name], mail.url) for name in metrics},
                "sign-in": sign_in(directory, port=ports[9]),
                "intake": _intake(
                    directory,
                    ports[6],
                    proxy.url.removeprefix("tcp://"),
                    url,
                    f"{LOOPBACK}:{ports[7]}",
                    sign_in_settings(ports[9]),
                ),
                "prometheus": prometheus(
                    directory, port=ports[8], workers=list(metrics.values()), intake=f"{LOOPBACK}:{ports[7]}"
                ),
            }
            await asyncio.to_thread(stack.start, [roles["worker"], roles["sign-in"], roles["intake"]])
            keys = await opened.enter_async_context(open_key_ring(Settings.read(_keys(directory, url))))
            client = await connect({"TEMPORAL_ADDRESS": address}, keys)
            environment = Environment(
                stack, roles, address, url, f"http://{LOOPBACK}:{ports[6]}", proxy, mail, ports[8], client
            )
            await environment.run_schedules_often()
            requests = asyncio.create_task(environment.send_requests())
            await environment.start("prometheus")
            try:
                yield environment
            finally:
                requests.cancel()
                for name in ("worker", "versioned", "intake"):
                    await environment.stop(name)


def _worker(name: str, directory: Path, address: str, url: str, metrics: str, mail: str) -> Role:
    """Return a worker's role; the one named versioned has a build id."""
    ready = directory / f"{name}.ready"
    environment: dict[str, Any] = {
        "COMPLAINTS_READY_FILE": str(ready),
        "COMPLAINTS_METRICS": metrics,
        "COMPLAINTS_SMTP": mail,
        "COMPLAINTS_MAIL_FROM": "Complaints <complaints@localhost>",
        "COMPLAINTS_STAFF_DOMAIN": "staff.example.org",
        "COMPLAINTS_LETTERS": str(LETTERS),
    }
    if name == "versioned":
        environment |= {"COMPLAINTS_DEPLOYMENT": DEPLOYMENT, "COMPLAINTS_BUILD_ID": "1"}
    role = worker(directory, temporal_address=address, database_url=url, keys=_keys(directory, url))
    return replace(
        role,
        name=name,
        command=[sys.executable, "-m", "incidents.quick_metrics", "worker"],
        env={**role.env, **environment},
        prepare=lambda: ready.unlink(missing_ok=True),
        ready=lambda _: ready.exists(),
        start_patience=START_SECONDS,
    )


def _intake(directory: Path, port: int, address: str, url: str, metrics: str, staff_sign_in: Mapping[str, str]) -> Role:
    role = intake(
        directory,
        port=port,
        temporal_address=address,
        database_url=url,
        keys=_keys(directory, url),
        metrics=metrics,
        sign_in=staff_sign_in,
    )
    return replace(
        role,
        command=[sys.executable, "-m", "incidents.quick_metrics", "intake", *role.command[3:]],
        start_patience=START_SECONDS,
    )


def _keys(directory: Path, url: str) -> Mapping[str, str]:
    return key_settings(directory, make_url(url).port or 0)
