"""The command line with and without servers."""

import asyncio
import os
import pty
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.encryption.key_ring import StoredKeys
from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.servers.owner import upgrade_as_owner
from tests.admin.cli_runner import ENVIRONMENT, CliRunner, TypeAhead
from tests.fixtures.empty_record import empty_url, server_url
from tests.fixtures.staff import import_staff
from tests.starter.api.service import Service, add_system, serving
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS

__all__ = ["empty_url", "server_url"]


@pytest.fixture
def cli_offline(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """Run commands with neither Temporal nor PostgreSQL, nor any setting."""
    for name in (*ENVIRONMENT, "TEMPORAL_ADDRESS", "COMPLAINTS_DATABASE_URL", "COMPLAINTS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("complaints.environment.LOCAL_ENVIRONMENT", tmp_path / "no-local-stack")
    return CliRunner(capsys, tmp_path)


@pytest.fixture
def type_ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[TypeAhead]:
    """Make standard input a pseudo-terminal, and return a function that types into it."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        yield lambda line: os.write(master, line.encode())
    os.close(master)


@pytest.fixture
def cli_without_worker(
    cli_offline: CliRunner,
    stack: EphemeralStack,
    service_without_worker: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> CliRunner:
    """Run commands with both and the service, but without a worker for their complaints."""
    monkeypatch.setenv("COMPLAINTS_URL", service_without_worker.url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.temporal_address)
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", stack.database_url)
    for name, value in stack.key_settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", "nobody")
    return cli_offline


@pytest.fixture
def cli(cli_without_worker: CliRunner, worker: Worker, service: Service, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Run commands with both, the service and a worker."""
    monkeypatch.setenv("COMPLAINTS_URL", service.url)
    monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", worker.task_queue)
    return cli_without_worker


@pytest.fixture
async def cli_alone(
    cli_without_worker: CliRunner,
    client: Client,
    keys: StoredKeys,
    empty_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[CliRunner]:
    """Run commands with both and a worker, on a record without the complaints of other tests."""
    await asyncio.to_thread(upgrade_as_owner, empty_url)
    await import_staff(empty_url)
    engine = make_engine(empty_url, keys=keys, pool_size=MAX_CONCURRENT_RECORDINGS)
    key = await add_system(engine, "portal")
    async with (
        make_worker(client, engine, "alone") as worker,
        serving(client, engine, key, intake_rate=100_000, task_queue="alone") as service,
    ):
        monkeypatch.setenv("COMPLAINTS_URL", service.url)
        monkeypatch.setenv("COMPLAINTS_DATABASE_URL", empty_url)
        monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", worker.task_queue)
        yield cli_without_worker
    await engine.dispose()
