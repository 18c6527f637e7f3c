"""Ephemeral stacks leave no process and no folder behind, however they end."""

import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import asyncpg
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from complaints.temporal.search_attribute_types import SEARCH_ATTRIBUTES
from local.ephemeral_stack import _Ports, ephemeral_postgres, ephemeral_stack, ephemeral_temporal
from local.supervisor.processes import wait_until
from local.supervisor.stack import Stack

HOLD_A_STACK = """
import sys
from local.ephemeral_stack import ephemeral_stack
with ephemeral_stack() as stack:
    print(stack.directory, flush=True)
    sys.stdin.read()
"""


async def test_a_stack_runs_both_servers_and_leaves_nothing() -> None:
    with ephemeral_stack() as stack:
        client = await Client.connect(stack.temporal_address)
        listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
        connection = await asyncpg.connect(stack.database_url.replace("+asyncpg", ""))
        assert await connection.fetchval("SELECT 1 + 1") == 2
        await connection.close()
        processes = [entry.process for entry in Stack(stack.directory).entries()]
    types = {name: IndexedValueType.Name(kind) for name, kind in listed.custom_attributes.items()}
    assert {name: kind.removeprefix("INDEXED_VALUE_TYPE_").replace("_", "") for name, kind in types.items()} == {
        name: kind.upper() for name, kind in SEARCH_ATTRIBUTES.items()
    }
    assert [process.alive() for process in processes] == [False, False]
    assert not stack.directory.exists()


def test_a_stack_ends_with_its_owner_even_if_that_is_killed() -> None:
    owner = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", HOLD_A_STACK], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout
    directory = Path(owner.stdout.readline().decode().strip())
    processes = [entry.process for entry in Stack(directory).entries()]
    assert [process.alive() for process in processes] == [True, True]
    owner.kill()
    owner.communicate()
    assert wait_until(lambda: not any(process.alive() for process in processes), patience=10)
    assert wait_until(lambda: not directory.exists(), patience=10)


def test_each_server_runs_alone_too() -> None:
    servers: list[Callable[[], AbstractContextManager[str]]] = [ephemeral_postgres, ephemeral_temporal]
    for server in servers:
        with server() as address:
            assert "127.0.0.1:" in address


def test_a_port_that_another_program_took_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        choices = iter([_Ports(postgres=taken), _Ports()])
        monkeypatch.setattr("local.ephemeral_stack._Ports", lambda: next(choices))
        with ephemeral_postgres() as url:
            assert f":{taken}/" not in url


def test_two_servers_run_at_the_same_time() -> None:
    with ephemeral_postgres() as one, ephemeral_postgres() as other:
        assert one != other
