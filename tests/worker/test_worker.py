"""`python -m worker run`: reports what is missing, works, and drains on SIGTERM."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from complaints.calendars.amendments import no_amendments
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.policies.loader import load_policy
from complaints.procedure.acts import Acknowledge
from complaints.procedure.views.views import ComplaintHistory
from complaints.runtime.clock import now
from complaints.runtime.logs import LIMITS
from complaints.runtime.service import StartupError
from complaints.settings import WorkerSettings, settings_errors
from complaints.temporal.calls import query_workflow
from complaints.temporal.client import connect
from local.ephemeral_stack import ephemeral_temporal
from local.servers.postgres import SERVICE
from starter.client.open_complaint import open_complaint
from tests.fixtures.empty_record import execute_as_owner
from tests.starter.forms import form, no_record
from tests.worker.process import PATIENCE, working
from worker.preflight import missing_prerequisites
from worker.run import read_settings, run
from workflows import names

NOBODY = "127.0.0.1:1"


async def why(environment: Mapping[str, str]) -> list[str]:
    """Return the lines of the StartupError."""
    with pytest.raises(StartupError) as error:
        await run(read_settings(environment), environment)
    return str(error.value).splitlines()


async def test_a_missing_database_url_is_named_by_its_setting(environment: dict[str, str]) -> None:
    assert await why({"TEMPORAL_ADDRESS": NOBODY}) == [
        "COMPLAINTS_DATABASE_URL: not set; give postgresql+asyncpg://user:password@host/database"
    ]
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": "here"})
    assert line == "COMPLAINTS_DATABASE_URL: the database URL is malformed; give postgresql+asyncpg://…"


async def test_each_unreachable_server_is_one_line(environment: dict[str, str]) -> None:
    [line] = await why(environment | {"TEMPORAL_ADDRESS": NOBODY})
    assert line == f"Temporal at {NOBODY} cannot be reached: Connection refused"
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": f"postgresql+asyncpg://u:secret@{NOBODY}/none"})
    assert line.startswith("PostgreSQL is unavailable: ")
    assert "secret" not in line
    url, _, _ = environment["COMPLAINTS_DATABASE_URL"].rpartition("/")
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": f"{url}/none"})
    assert line == 'PostgreSQL is unavailable: database "none" does not exist'


async def test_each_thing_missing_is_a_line_with_its_remedy(environment: dict[str, str]) -> None:
    url, _, _ = environment["COMPLAINTS_DATABASE_URL"].rpartition("/")
    lines = await why(environment | {"TEMPORAL_NAMESPACE": "elsewhere", "COMPLAINTS_DATABASE_URL": f"{url}/postgres"})
    assert lines == [
        "Temporal namespace elsewhere: not found; run: temporal operator namespace create -n elsewhere",
        "database schema: no tables; run: python -m complaints.records.migrate",
    ]


async def test_a_role_without_its_grants_is_a_line_with_its_remedy(
    environment: dict[str, str], restored: AsyncEngine
) -> None:
    url = restored.url.render_as_string(hide_password=False)
    await execute_as_owner(url, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SERVICE}")
    [line] = await why(environment | {"COMPLAINTS_DATABASE_URL": url})
    assert line.startswith("database grants: this role lacks DELETE on absences and ")
    assert "migrate as the owner of the tables, with COMPLAINTS_SERVICE_ROLE" in line


async def test_a_missing_search_attribute_is_named_with_its_type(client: Client, engine: AsyncEngine) -> None:
    with ephemeral_temporal() as address:
        bare = await connect({"TEMPORAL_ADDRESS": address}, InMemoryKeys())
        await bare.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace="default", search_attributes=["ComplaintDue", "ComplaintAspects"])
        )
        create = "not found; run: temporal operator search-attribute create"
        assert await missing_prerequisites(bare, engine) == [
            f"search attribute ComplaintDue: {create} --name ComplaintDue --type Datetime",
            f"search attribute ComplaintAspects: {create} --name ComplaintAspects --type KeywordList",
        ]
    assert await missing_prerequisites(client, engine) == []


async def test_a_ready_file_that_cannot_be_made_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "none" / "ready"
    [line] = await why(environment | {"COMPLAINTS_READY_FILE": str(file)})
    assert line == f"COMPLAINTS_READY_FILE: cannot create {file} (No such file or directory); choose a writable folder"


def test_the_command_ends_with_4_and_without_a_traceback(environment: dict[str, str]) -> None:
    ran = started(environment | {"TEMPORAL_ADDRESS": NOBODY})
    _, err = ran.communicate(timeout=PATIENCE)
    assert (ran.returncode, err) == (4, f"Temporal at {NOBODY} cannot be reached: Connection refused\n")


def test_an_unknown_command_ends_with_2() -> None:
    ran = subprocess.run([sys.executable, "-m", "worker", "walk"], capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: python -m worker ")
    assert "invalid choice: 'walk'" in ran.stderr


async def test_the_worker_runs_until_sigterm_and_then_drains(
    environment: dict[str, str], client: Client, tmp_path: Path
) -> None:
    async with working(environment, tmp_path) as worker:
        given = form()
        await open_complaint(
            client,
            given,
            policy=load_policy(),
            now=now(),
            opened_by="intake",
            find=no_record,
            amended=no_amendments,
            task_queue=environment["COMPLAINTS_TASK_QUEUE"],
        )
        handle = client.get_workflow_handle(given.reference)
        act = Acknowledge(id="a", by="m.okafor")
        await handle.execute_update(act.name, act, id=act.id)
        assert (await query_workflow(handle, names.STATE_QUERY, ComplaintHistory)).holder == "m.okafor"
        assert await worker.stop() == 0
    assert [line["event"] for line in worker.logged() if line["logger"] == "worker"] == [
        "limits",
        "polling",
        "polling",
        "draining",
        "stopped",
    ]
    said, limits = worker.logged("limits")[0], WorkerSettings()
    assert {name: said[name] for name in LIMITS} == {name: getattr(limits, name) for name in LIMITS}
    assert {line["task_queue"] for line in worker.logged("polling")} == {"of-its-own", "of-its-own-operations"}
    assert not (tmp_path / "worker.ready").exists()


async def test_a_port_that_is_taken_is_named_by_its_setting(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for variable in ("COMPLAINTS_HTTP", "COMPLAINTS_METRICS"):
            [line] = await why(environment | {variable: address})
            assert line.startswith(f"{variable}: cannot listen on {address} (")
            assert "Address already in use" in line


async def test_every_setting_that_is_wrong_is_a_line(environment: dict[str, str]) -> None:
    wrong = {
        "COMPLAINTS_HTTP": "8081",
        "COMPLAINTS_METRICS": "localhost:9464",
        "COMPLAINTS_LOG_LEVEL": "loud",
        "COMPLAINTS_BUILD_ID": "2026-11-24",
    }
    assert await why(environment | wrong) == [
        "COMPLAINTS_LOG_LEVEL: give debug, info, warning or error",
        "COMPLAINTS_HTTP: give an IP address and a port, as in 127.0.0.1:8081",
        "COMPLAINTS_METRICS: give an IP address and a port, as in 127.0.0.1:8081",
        "COMPLAINTS_BUILD_ID: goes with COMPLAINTS_DEPLOYMENT; give both, or neither",
    ]
    wrong = {"COMPLAINTS_DEPLOYMENT": "complaints:1", "COMPLAINTS_BUILD_ID": "one two"}
    assert await why(environment | wrong) == [
        "COMPLAINTS_DEPLOYMENT: give up to 200 letters, digits and _ - /, and no __ at the start",
        "COMPLAINTS_BUILD_ID: give up to 100 letters, digits and . _ -",
    ]
    [line] = await why(environment | {"COMPLAINTS_DEPLOYMENT": "complaints"})
    assert line == "COMPLAINTS_BUILD_ID: goes with COMPLAINTS_DEPLOYMENT; give both, or neither"


REMEDY = "set one of them, or both to the same"


def version_of(*names: str) -> object:
    """Read the version from four variables, ours first; return both, or the errors."""
    variables = ("COMPLAINTS_DEPLOYMENT", "COMPLAINTS_BUILD_ID", "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID")
    try:
        settings = WorkerSettings.read(dict(zip(variables, names, strict=True)))
    except ValidationError as error:
        return settings_errors(error)
    return (settings.deployment, settings.build_id)


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (("", "", "prod/complaints", "v1.2-a"), ("prod/complaints", "v1.2-a")),
        (("prod/complaints", "1", "prod/complaints", "1"), ("prod/complaints", "1")),
        (("prod/complaints", "", "", "1"), ("prod/complaints", "1")),
        (("", "", "", ""), (None, None)),
        (
            ("complaints", "1", "prod/complaints", "2"),
            [
                f"COMPLAINTS_DEPLOYMENT: differs from TEMPORAL_DEPLOYMENT_NAME, prod/complaints; {REMEDY}",
                f"COMPLAINTS_BUILD_ID: differs from TEMPORAL_WORKER_BUILD_ID, 2; {REMEDY}",
            ],
        ),
        (
            ("", "", "prod/complaints", ""),
            ["COMPLAINTS_BUILD_ID: goes with TEMPORAL_DEPLOYMENT_NAME; give both, or neither"],
        ),
        (
            ("", "", "prod.complaints", "a b"),
            [
                "TEMPORAL_DEPLOYMENT_NAME: give up to 200 letters, digits and _ - /, and no __ at the start",
                "TEMPORAL_WORKER_BUILD_ID: give up to 100 letters, digits and . _ -",
            ],
        ),
    ],
)
def test_the_version_comes_from_temporals_own_variables_too(names: tuple[str, ...], version: object) -> None:
    assert version_of(*names) == version


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("WORKFLOW_POLLERS", "1", "give 2 or more"),
        ("ACTIVITY_POLLERS", "201", "give 200 or less"),
        ("WORKFLOW_TASKS", "0", "give 1 or more"),
        ("CACHED_COMPLAINTS", "0", "give 10 or more"),
        ("STICKY_TIMEOUT", "0", "give 0.5 or more"),
    ],
)
def test_a_limit_out_of_range_is_named_with_its_range(name: str, value: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as error:
        WorkerSettings.read({f"COMPLAINTS_{name}": value})
    assert settings_errors(error.value) == [f"COMPLAINTS_{name}: {remedy}"]


def started(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "worker", "run"]
    return subprocess.Popen(  # noqa: S603
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
