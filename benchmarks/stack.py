"""What is measured on: a stack as `make up` starts it, in a folder of its own, and workers beside its own one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from dotenv import dotenv_values

from benchmarks import floor
from local.ports import free_port
from local.roles import Role
from local.stack import Stack
from local.worker_process import ROOT, worker

PORTS = (
    "TEMPORAL_PORT",
    "TEMPORAL_UI_PORT",
    "COMPLAINTS_POSTGRES_PORT",
    "COMPLAINTS_HTTP_PORT",
    "COMPLAINTS_METRICS_PORT",
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
    def stack(self) -> Stack:
        return Stack(self.folder / ".local")

    @property
    def temporal_address(self) -> str:
        return self._reached["TEMPORAL_ADDRESS"]

    @property
    def database_url(self) -> str:
        return self._reached["COMPLAINTS_DATABASE_URL"]

    @property
    def _reached(self) -> dict[str, str]:
        found = dotenv_values(self.folder / ".local" / "environment")
        return {name: value for name, value in found.items() if value}


@contextmanager
def project() -> Iterator[Project]:
    """The same code, by links; nothing of it runs any more at the end, and its data is gone."""
    with tempfile.TemporaryDirectory(prefix="complaints-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # so that PostgreSQL's account comes through it to its own folder
        for package in ROOT.glob("*/__init__.py"):
            (folder / package.parent.name).symlink_to(package.parent)
        foreign = ("TEMPORAL_", "COMPLAINTS_", "OTEL_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {port: str(free_port()) for port in PORTS}
        made = Project(folder, environment)
        try:
            yield made
        finally:
            made.run("local", "erase")


@contextmanager
def running(role: Role, folder: Path) -> Iterator[psutil.Process]:
    """A worker of ours, while it is needed."""
    folder.mkdir(exist_ok=True)
    stack = Stack(folder)
    try:
        stack.start([role])
        yield psutil.Process(stack.entries()[0].process.pid)
    finally:
        stack.stop()


def floor_worker(folder: Path, temporal_address: str) -> Role:
    """The floor's, in a process of its own."""
    ready = folder / "floor.ready"
    return Role(
        name="floor",
        command=[sys.executable, "-m", "benchmarks.floor"],
        env={**os.environ, floor.ADDRESS: temporal_address, floor.READY_FILE: str(ready)},
        cwd=ROOT,
        prepare=lambda: ready.unlink(missing_ok=True),
        ready=lambda _: ready.exists(),
    )


def product_worker(folder: Path, temporal_address: str, database_url: str, task_queue: str) -> Role:
    """A further one of the product's, for a task queue of its own."""
    role = worker(folder, temporal_address=temporal_address, database_url=database_url)
    return replace(role, env={**role.env, "COMPLAINTS_TASK_QUEUE": task_queue})
