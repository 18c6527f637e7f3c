"""The count of database connections fits the stack of one host."""

import re
from pathlib import Path

import pytest
import yaml

from complaints.settings import IntakeSettings, WorkerSettings
from worker.__main__ import main
from worker.database_connections import COMMAND_CONNECTIONS, pools_of_worker

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "docker-compose.yml").read_text())["services"]
TEMPORAL_CONNECTIONS = 4 * (20 + 10)
"""Four services, each with a pool for histories and one for its list, by the image's defaults."""


def test_a_worker_without_channels_or_reports_opens_no_pool_for_them() -> None:
    assert pools_of_worker(WorkerSettings()) == {"recordings": 20, "monitoring": 2, "retention": 2, "keys": 2}


def test_the_stack_of_one_host_has_room_for_two_versions_of_the_worker() -> None:
    settings = WorkerSettings.read({"COMPLAINTS_POST_ROOM": "/post-room", "COMPLAINTS_REPORTS": "/reports"})
    worker, intake = sum(pools_of_worker(settings).values()), IntakeSettings().intake_connections
    [allowed] = re.findall(r"max_connections=(\d+)", " ".join(COMPOSE["postgres"]["command"]))
    assert 2 * worker + intake + COMMAND_CONNECTIONS + TEMPORAL_CONNECTIONS < int(allowed) - 3


@pytest.mark.parametrize(
    ("arguments", "exit_code", "last"),
    [
        (["--others", "0"], 0, "PostgreSQL allows 97: enough."),
        (["--workers", "2", "--others", "0"], 1, "PostgreSQL allows 97: 32 too few; raise max_connections, or use"),
    ],
)
def test_the_command_compares_the_sum_with_what_postgresql_allows(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    exit_code: int,
    last: str,
) -> None:
    for name, value in {**environment, "COMPLAINTS_RECORDING_CONNECTIONS": "35"}.items():
        monkeypatch.setenv(name, value)
    # Logs of later tests would go to this test's standard error.
    monkeypatch.setattr("worker.commands.set_up_logs", lambda *_arguments, **_options: None)
    assert main(["connections", *arguments]) == exit_code
    worker, intake, total, compared = capsys.readouterr().out.splitlines()
    assert worker == "A worker: 41 (35 recordings, 2 monitoring, 2 retention, 2 keys)"
    assert intake == "An intake service: 22 (20 requests, 2 keys)"
    workers = int(dict(zip(arguments[::2], arguments[1::2], strict=True)).get("--workers", 1))
    assert total.endswith(f"{COMMAND_CONNECTIONS} for commands + 0 of others = {workers * 41 + 22 + 25}")
    assert compared.startswith(last)
