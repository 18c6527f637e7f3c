"""What is measured: workers in processes of their own, and a whole project, where `make up` finds no data yet."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from dotenv import dotenv_values

from benchmarks import baseline
from local.ephemeral_stack import EphemeralStack
from local.servers.worker import NOWHERE, ROOT, worker
from local.supervisor.ports import free_port
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
)


class NotMeasuredError(Exception):
    """Something could not be measured; the message says why."""


@dataclass(frozen=True)
class Project:
    """The project's own code in a folder of its own, where it keeps the data of a stack of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """`python -m …` there; what it printed. Raises NotMeasuredError."""
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
        """What `make up` runs. Raises NotMeasuredError."""
        self.run("local", "up")

    @property
    def database_url(self) -> str:
        """While its stack runs."""
        return dotenv_values(self.folder / ".local" / "environment")["COMPLAINTS_DATABASE_URL"] or ""


@contextmanager
def project() -> Iterator[Project]:
    """The same code, by links; nothing of it runs any more at the end, and its data is gone."""
    with tempfile.TemporaryDirectory(prefix="complaints-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # so that PostgreSQL's account comes through it to its own folder
        for package in ROOT.glob("*/__init__.py"):
            (folder / package.parent.name).symlink_to(package.parent)
        (folder / "examples").symlink_to(ROOT / "examples")
        foreign = ("TEMPORAL_", "COMPLAINTS_", "OTEL_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {port: str(free_port()) for port in PORTS}
        made = Project(folder, environment)
        try:
            yield made
        finally:
            made.run("local", "erase")


@contextmanager
def running(role: Role) -> Iterator[psutil.Process]:
    """A worker in its folder, while it is needed."""
    stack = Stack(role.cwd)
    try:
        stack.start([role])
        yield psutil.Process(stack.entries()[0].process.pid)
    finally:
        stack.stop()


def floor_worker(folder: Path, temporal_address: str) -> Role:
    """The floor's, in a process of its own."""
    ready = folder / "floor.ready"
    folder.mkdir()
    return Role(
        name="floor",
        command=[sys.executable, "-m", "benchmarks.baseline"],
        env={
            **os.environ,
            baseline.ADDRESS: temporal_address,
            baseline.READY_FILE: str(ready),
            "PYTHONPATH": str(ROOT),
        },
        cwd=folder,
        ready=lambda _: ready.exists(),
    )


def product_worker(folder: Path, stack: EphemeralStack, task_queue: str, channels: Mapping[str, str] = NOWHERE) -> Role:
    """The product's, as `make up` starts it; without `channels` it sends nothing."""
    folder.mkdir()
    role = worker(folder, temporal_address=stack.temporal_address, database_url=stack.database_url, channels=channels)
    return replace(role, env={**role.env, "COMPLAINTS_TASK_QUEUE": task_queue}, cwd=folder)
