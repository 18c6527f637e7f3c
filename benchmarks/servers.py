"""Servers and workers that are measured, each in a process of its own."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from dotenv import dotenv_values
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from benchmarks import baseline
from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import make_engine
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, ephemeral_mail, ephemeral_stack
from local.servers.channels import channels
from local.servers.owner import owner_url, upgrade_keys_as_owner
from local.servers.postgres import SERVICE
from local.servers.worker import NOWHERE, ROOT, worker
from local.supervisor.ports import blocked_port, free_port
from local.supervisor.roles import Role
from local.supervisor.stack import Stack

PORTS = (
    "TEMPORAL_PORT",
    "TEMPORAL_UI_PORT",
    "COMPLAINTS_POSTGRES_PORT",
    "COMPLAINTS_HTTP_PORT",
    "COMPLAINTS_METRICS_PORT",
    "COMPLAINTS_SMTP_PORT",
    "COMPLAINTS_INTAKE_PORT",
    "COMPLAINTS_INTAKE_METRICS_PORT",
    "COMPLAINTS_SIGN_IN_PORT",
    "COMPLAINTS_CODEC_PORT",
)


class NotMeasuredError(Exception):
    """Something could not be measured; the message says why."""


@dataclass(frozen=True)
class Servers:
    """Throw-away servers on which something is measured, a mail server among them."""

    stack: EphemeralStack
    client: Client
    engine: AsyncEngine
    channels: Mapping[str, str]
    """A worker's settings by which letters and alerts leave."""

    def product_worker(self, task_queue: str, folder: str = "") -> Role:
        """Return the role of the product's worker, with channels."""
        return product_worker(self.stack.directory / (folder or task_queue), self.stack, task_queue, self.channels)

    def baseline_worker(self, folder: str = "baseline") -> Role:
        return baseline_worker(self.stack.directory / folder, self.stack)


@asynccontextmanager
async def servers(pool_size: int) -> AsyncIterator[Servers]:
    """Run the servers, with the baseline's table.

    `pool_size`: database connections of the measuring process.
    """
    with ephemeral_stack() as stack, ephemeral_mail() as mail:
        await baseline.create_table(owner_url(stack.database_url), SERVICE)
        await asyncio.to_thread(upgrade_keys_as_owner, stack.keys_url)
        async with open_key_ring(Settings.read(stack.key_settings)) as keys:
            engine = make_engine(stack.database_url, keys=keys, pool_size=pool_size, command_timeout_seconds=60)
            try:
                client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
                yield Servers(stack, client, engine, channels(mail.url, stack.directory / "post", mail.folder))
            finally:
                await engine.dispose()


@dataclass(frozen=True)
class Project:
    """A copy of the project, by links, whose local stack keeps its data in a folder of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """Run `python -m …` in the project; return its output. Raises NotMeasuredError."""
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "-m", *arguments],
            check=False,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise NotMeasuredError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def up(self) -> None:
        """Run `make up`. Raises NotMeasuredError."""
        self.run("local", "up")

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of its stack, while that runs."""
        return dotenv_values(self.folder / ".local" / "environment")["COMPLAINTS_DATABASE_URL"] or ""


@contextmanager
def project() -> Iterator[Project]:
    """Make a copy of the project; at the end, stop its stack and remove its data."""
    with tempfile.TemporaryDirectory(prefix="complaints-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # so that PostgreSQL's account comes through it to its own folder
        for package in ROOT.glob("*/__init__.py"):
            (folder / package.parent.name).symlink_to(package.parent)
        (folder / "examples").symlink_to(ROOT / "examples")
        foreign = ("TEMPORAL_", "COMPLAINTS_", "OTEL_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {port: str(free_port()) for port in PORTS}
        environment["TEMPORAL_BLOCKED_UI_PORT"] = str(blocked_port())
        made = Project(folder, environment)
        try:
            yield made
        finally:
            made.run("local", "erase")


@contextmanager
def running(role: Role) -> Iterator[psutil.Process]:
    """Run a worker in its own folder."""
    stack = Stack(role.cwd)
    try:
        stack.start([role])
        yield psutil.Process(stack.entries()[0].process.pid)
    finally:
        stack.stop()


def baseline_worker(folder: Path, stack: EphemeralStack) -> Role:
    """Return the role of the baseline's worker."""
    ready = folder / "baseline.ready"
    folder.mkdir()
    return Role(
        name="baseline",
        command=[sys.executable, "-m", "benchmarks.baseline"],
        env={
            **os.environ,
            **stack.key_settings,
            baseline.ADDRESS: stack.temporal_address,
            baseline.DATABASE_URL: stack.database_url,
            baseline.READY_FILE: str(ready),
            "PYTHONPATH": str(ROOT),
        },
        cwd=folder,
        ready=lambda _: ready.exists(),
    )


def product_worker(folder: Path, stack: EphemeralStack, task_queue: str, channels: Mapping[str, str] = NOWHERE) -> Role:
    """Return the role of the product's worker; without `channels` it sends nothing."""
    folder.mkdir()
    role = worker(
        folder,
        temporal_address=stack.temporal_address,
        database_url=stack.database_url,
        keys=stack.key_settings,
        channels=channels,
    )
    return replace(role, env={**role.env, "COMPLAINTS_TASK_QUEUE": task_queue}, cwd=folder)


def plain_worker(folder: Path, stack: EphemeralStack, task_queue: str) -> Role:
    """Return the role of the product's worker without encryption and without channels."""
    role = product_worker(folder, stack, task_queue)
    return replace(role, command=[sys.executable, "-m", "benchmarks.plain"], env={**role.env, "PYTHONPATH": str(ROOT)})
