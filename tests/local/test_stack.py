"""The background stack runs on after the command that starts it."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from local.background_stack import Ports, servers
from local.servers.owner import owner_url
from local.servers.postgres import database_url
from local.servers.temporal import temporal
from local.supervisor.ports import blocked_port, free_port
from local.supervisor.processes import wait_until
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack


def free_ports() -> Ports:
    return Ports(
        temporal=free_port(),
        ui=free_port(),
        blocked_ui=blocked_port(),
        postgres=free_port(),
        http=free_port(),
        metrics=free_port(),
        smtp=free_port(),
        intake=free_port(),
        intake_metrics=free_port(),
        sign_in=free_port(),
        codec=free_port(),
    )


@pytest.fixture
def ports() -> Ports:
    return free_ports()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "stack"
    folder.mkdir()
    yield folder
    Stack(folder).erase()


@pytest.fixture
def postgres_only(directory: Path, ports: Ports) -> list[Role]:
    return servers(directory, ports)[1:]


def kill(directory: Path, name: str) -> None:
    [process] = [entry.process for entry in Stack(directory).entries() if entry.name == name]
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: not process.alive(), patience=5)


async def sql(directory: Path, ports: Ports, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(owner_url(database_url(directory, ports.postgres)).replace("+asyncpg", ""))
    try:
        records: list[asyncpg.Record] = await connection.fetch(statement)
        return records
    finally:
        await connection.close()


async def test_a_killed_postgresql_restarts_with_its_rows(
    directory: Path, ports: Ports, postgres_only: list[Role]
) -> None:
    Stack(directory).start(postgres_only)
    await sql(directory, ports, "CREATE TABLE t AS SELECT 7 AS n")
    kill(directory, "postgres")
    assert Stack(directory).start(postgres_only) == ["postgres"]
    assert [row["n"] for row in await sql(directory, ports, "SELECT n FROM t")] == [7]


def test_a_process_started_later_is_stopped_with_the_others(directory: Path, ports: Ports) -> None:
    server, database = servers(directory, ports)
    Stack(directory).start([database])
    assert Stack(directory).start([server]) == ["temporal"]
    assert Stack(directory).stop() == ["temporal", "postgres"]


async def test_only_a_killed_server_is_started_again(directory: Path, ports: Ports) -> None:
    roles = servers(directory, ports)
    assert Stack(directory).start(roles) == ["temporal", "postgres"]
    client = await Client.connect(ports.temporal_address)
    handle = await client.start_workflow("Nothing", id="kept", task_queue="nobody")
    kill(directory, "temporal")
    assert Stack(directory).start(roles) == ["temporal"]
    client = await Client.connect(ports.temporal_address)
    description = await client.get_workflow_handle("kept").describe()
    assert description.run_id == handle.first_execution_run_id
    assert Stack(directory).stop() == ["postgres", "temporal"]


def test_starting_twice_is_harmless(directory: Path, postgres_only: list[Role]) -> None:
    Stack(directory).start(postgres_only)
    before = Stack(directory).entries()
    assert Stack(directory).start(postgres_only) == []
    assert Stack(directory).entries() == before


def test_stopping_twice_is_harmless(directory: Path, postgres_only: list[Role]) -> None:
    Stack(directory).start(postgres_only)
    assert Stack(directory).stop() == ["postgres"]
    assert Stack(directory).stop() == []


def test_an_error_about_a_taken_port_names_the_variable_to_change(directory: Path, ports: Ports) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.postgres))
        other.listen()
        with pytest.raises(StackError, match=rf"port {ports.postgres} .*COMPLAINTS_POSTGRES_PORT"):
            Stack(directory).start(servers(directory, ports))
    assert Stack(directory).entries() == []


def test_a_running_server_with_other_settings_is_an_error(directory: Path, postgres_only: list[Role]) -> None:
    Stack(directory).start(postgres_only)
    other_ports = free_ports()
    with pytest.raises(StackError, match="other settings"):
        Stack(directory).start(servers(directory, other_ports)[1:])


def test_the_log_of_a_server_that_does_not_start_is_shown(directory: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        role = temporal(directory, port=other.getsockname()[1], http_port=free_port())
        with pytest.raises(StackError, match=r"(?s)temporal ended before it was ready.*address already in use"):
            Stack(directory).start([role])


def test_the_log_of_a_process_that_is_not_ready_in_time_is_shown(directory: Path) -> None:
    command = [sys.executable, "-c", "import time; print('waiting for Godot', flush=True); time.sleep(60)"]
    role = Role("late", command, env=os.environ, cwd=directory, ready=lambda _: False, start_patience=0.5)
    with pytest.raises(StackError, match=r"(?s)late was not ready after .*waiting for Godot"):
        Stack(directory).start([role])


def test_only_the_owner_can_read_the_password(directory: Path, postgres_only: list[Role]) -> None:
    password = (directory / "postgres" / "password").resolve()
    assert password.stat().st_mode & 0o077 == 0
    assert password.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("port", ["", "0", "65536", "temporal", "-1", "\u0667"])
def test_an_error_about_a_malformed_port_names_its_variable(port: str) -> None:
    with pytest.raises(StackError, match="TEMPORAL_PORT"):
        Ports.read({"TEMPORAL_PORT": port})


def test_the_port_of_the_pages_own_server_is_one_that_browsers_block() -> None:
    with pytest.raises(StackError, match=r"TEMPORAL_BLOCKED_UI_PORT: browsers connect to 8234; give one of 6669"):
        Ports.read({"TEMPORAL_BLOCKED_UI_PORT": "8234"})


def test_the_ports_have_defaults() -> None:
    assert Ports.read({}) == Ports(
        temporal=7233,
        ui=8233,
        blocked_ui=6669,
        postgres=5433,
        http=8081,
        metrics=9464,
        smtp=8025,
        intake=8080,
        intake_metrics=9465,
        sign_in=8082,
        codec=8083,
    )
