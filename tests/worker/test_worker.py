"""`python -m worker run`: says what is missing, works once nothing is, and drains when it is told to stop."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from complaints.clock import now
from complaints.procedure.acts import Acknowledge
from complaints.procedure.view import ComplaintStory
from complaints.snapshots import load_policy
from complaints.temporal import ask, connect
from local.ephemeral import EphemeralStack, ephemeral_temporal
from local.processes import wait_until
from starter.opening import open_complaint
from tests.starter.forms import form, no_record
from worker.checks import missing
from worker.reach import CannotStartError
from worker.run import run
from workflows import names

NOBODY = "127.0.0.1:1"
PATIENCE = 30.0
"""Seconds in which a worker has started, or has stopped."""


@pytest.fixture
def environment(stack: EphemeralStack) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        "COMPLAINTS_TASK_QUEUE": "of-its-own",
    }


async def why(environment: Mapping[str, str]) -> list[str]:
    """The lines of what a worker says that cannot start."""
    with pytest.raises(CannotStartError) as error:
        await run(environment)
    return str(error.value).splitlines()


async def test_no_database_is_named_by_its_setting(environment: dict[str, str]) -> None:
    assert await why({"TEMPORAL_ADDRESS": NOBODY}) == ["COMPLAINTS_DATABASE_URL is not set"]
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": "here"})
    assert line == "COMPLAINTS_DATABASE_URL: the database's address is not of the form postgresql+asyncpg://…"


async def test_servers_out_of_reach_are_one_line_each(environment: dict[str, str]) -> None:
    [line] = await why(environment | {"TEMPORAL_ADDRESS": NOBODY})
    assert line == f"Temporal at {NOBODY} cannot be reached: Connection refused"
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": f"postgresql+asyncpg://u:secret@{NOBODY}/none"})
    assert line.startswith("PostgreSQL is out of reach: ")
    assert "secret" not in line
    url, _, _ = environment["COMPLAINTS_DATABASE_URL"].rpartition("/")
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": f"{url}/none"})
    assert line == 'PostgreSQL is out of reach: database "none" does not exist'


async def test_each_thing_missing_is_a_line_with_its_remedy(environment: dict[str, str]) -> None:
    url, _, _ = environment["COMPLAINTS_DATABASE_URL"].rpartition("/")
    lines = await why(environment | {"TEMPORAL_NAMESPACE": "elsewhere", "COMPLAINTS_DATABASE_URL": f"{url}/postgres"})
    assert lines == [
        "missing: the namespace elsewhere: temporal operator namespace create -n elsewhere",
        "missing: the database is not at this version's migration: python -m complaints.records.migrate",
    ]


async def test_a_missing_search_attribute_is_named_with_its_type(client: Client, engine: AsyncEngine) -> None:
    with ephemeral_temporal() as address:
        bare = await connect({"TEMPORAL_ADDRESS": address})
        await bare.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace="default", search_attributes=["ComplaintDue", "ComplaintAspects"])
        )
        create = "temporal operator search-attribute create"
        assert await missing(bare, engine) == [
            f"the search attribute ComplaintDue: {create} --name ComplaintDue --type Datetime",
            f"the search attribute ComplaintAspects: {create} --name ComplaintAspects --type KeywordList",
        ]
    assert await missing(client, engine) == []


async def test_a_ready_file_that_cannot_be_made_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "none" / "ready"
    [line] = await why(environment | {"COMPLAINTS_READY_FILE": str(file)})
    assert line == f"COMPLAINTS_READY_FILE: {file} cannot be made: No such file or directory"


def test_the_command_ends_with_4_and_without_a_traceback(environment: dict[str, str]) -> None:
    ran = started(environment | {"TEMPORAL_ADDRESS": NOBODY})
    _, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (4, f"Temporal at {NOBODY} cannot be reached: Connection refused\n")


def test_an_unknown_command_ends_with_2() -> None:
    ran = subprocess.run([sys.executable, "-m", "worker", "walk"], capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: python -m worker ")
    assert "invalid choice: 'walk'" in ran.stderr


async def test_it_works_until_sigterm_and_then_drains(
    environment: dict[str, str], client: Client, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    worker = started(environment | {"COMPLAINTS_READY_FILE": str(ready)})
    try:
        assert await asyncio.to_thread(wait_until, ready.exists, patience=PATIENCE)
        given = form()
        await open_complaint(
            client,
            given,
            policy=load_policy(),
            now=now(),
            opened_by="intake",
            find=no_record,
            task_queue=environment["COMPLAINTS_TASK_QUEUE"],
        )
        handle = client.get_workflow_handle(given.reference)
        act = Acknowledge(id="a", by="m.okafor")
        await handle.execute_update(act.name, act, id=act.id)
        assert (await ask(handle, names.STATE_QUERY, ComplaintStory)).holder == "m.okafor"
        worker.send_signal(signal.SIGTERM)
        _, err = await asyncio.to_thread(worker.communicate, timeout=PATIENCE)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert [line.split("worker: ")[-1] for line in err.splitlines() if " worker: " in line] == [
        "polling task queue of-its-own",
        "draining",
        "stopped",
    ]
    assert not ready.exists()


def started(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "worker", "run"]
    return subprocess.Popen(  # noqa: S603
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
