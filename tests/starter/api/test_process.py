"""`python -m starter` in a process: its log, its end, and its startup errors."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.runtime.service import StartupError
from complaints.settings import IntakeSettings
from local.ephemeral_stack import EphemeralStack
from local.supervisor.ports import LOOPBACK, free_port
from starter.__main__ import main
from starter.run import run
from tests.admin.cli_runner import form
from tests.starter.api.service import add_system

TIMEOUT = 60.0
"""Seconds."""
PERSONAL = ("Quenby", "Thistlewood", "quenby@", "Marmalade", "Zanzibar")


async def start(log: Path, **settings: str) -> asyncio.subprocess.Process:
    with log.open("w") as to_log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "starter"), env={**os.environ, **settings}, stdout=to_log, stderr=to_log
        )


async def wait_until_ready(caller: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(TIMEOUT):
        while True:
            try:
                if (await caller.get("/readyz")).status_code == 200:
                    return
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)


def settings_of(stack: EphemeralStack) -> dict[str, str]:
    address = {"TEMPORAL_ADDRESS": stack.temporal_address, "COMPLAINTS_DATABASE_URL": stack.database_url}
    return {**address, **stack.key_settings}


async def test_the_service_logs_no_free_text_and_finishes_requests_under_way(
    stack: EphemeralStack, engine: AsyncEngine, tmp_path: Path
) -> None:
    key, log, address = await add_system(engine, "process"), tmp_path / "log", f"{LOOPBACK}:{free_port()}"
    settings = settings_of(stack)
    process = await start(log, **settings, COMPLAINTS_INTAKE=address, COMPLAINTS_TASK_QUEUE="nobody")
    complaint_form = form(
        complainant={"name": "Quenby Thistlewood", "capacity": "customer", "email": "quenby@e.org", "prefers": "email"},
        concerns=[{"aspect": "delay", "what_happened": "Zanzibar never rang me back."}],
    )
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=f"http://{address}", headers=headers, timeout=30) as caller:
        await wait_until_ready(caller)
        assert (await caller.post("/complaints", json=complaint_form)).status_code == 201
        assert (await caller.post("/complaints", json=complaint_form | {"Zanzibar": "Quenby"})).status_code == 422
        assert (await caller.get("/complaints/Quenby%20Thistlewood")).status_code == 404
        assert (await caller.get("/Quenby?Zanzibar=Marmalade")).status_code == 404
        assert (await caller.get("/complaints/C-1", headers={"Authorization": "Bearer Marmalade"})).status_code == 401

        async def stop_midway() -> AsyncIterator[bytes]:
            yield json.dumps(complaint_form).encode()[:-1]
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            yield b"}"

        last = await caller.post("/complaints", content=stop_midway(), headers={"Content-Type": "application/json"})
        assert last.status_code == 200
    async with asyncio.timeout(TIMEOUT):
        assert await process.wait() == 0
    log_text = log.read_text()
    lines = [json.loads(line) for line in log_text.splitlines()]
    requests = [
        (line["request"], line["status"], line.get("reference")) for line in lines if line["event"] == "answered"
    ]
    assert requests[0] == ("POST /complaints", 201, complaint_form["reference"])
    assert [line["event"] for line in lines if line["logger"] == "starter" and "request" not in line] == [
        *("serving", "draining", "stopped")
    ]
    assert [line["code"] for line in lines if line["event"] == "refused"] == ["no_such_key"]
    assert [word for word in (*PERSONAL, key.secret) if word in log_text] == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "Temporal at 127.0.0.1:1 cannot be reached"),
        ({"COMPLAINTS_DATABASE_URL": "postgresql+asyncpg://u:secret@127.0.0.1:1/d"}, "PostgreSQL is unavailable"),
        ({"COMPLAINTS_DATABASE_URL": ""}, "COMPLAINTS_DATABASE_URL: not set; give "),
        ({"COMPLAINTS_POLICY": "nobodys"}, "COMPLAINTS_POLICY: there is no policy 'nobodys'"),
        ({"COMPLAINTS_INTAKE": "192.0.2.1:1"}, "COMPLAINTS_INTAKE: cannot listen on 192.0.2.1:1 ("),
    ],
)
async def test_a_startup_error_is_one_line(stack: EphemeralStack, settings: dict[str, str], says: str) -> None:
    environment = settings_of(stack) | settings
    with pytest.raises(StartupError, match=f"^{re.escape(says)}") as refused:
        await run(IntakeSettings.read(environment), environment)
    assert "secret" not in str(refused.value)


def test_every_invalid_setting_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COMPLAINTS_INTAKE", "here")
    monkeypatch.setenv("COMPLAINTS_INTAKE_RATE", "0")
    assert main() == 2
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        *("COMPLAINTS_INTAKE", "COMPLAINTS_INTAKE_RATE")
    ]
