"""Run the worker in a process of its own, as in production."""

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.processes import wait_until

PATIENCE = 60.0
"""Time in which a worker starts or stops."""


@dataclass(frozen=True)
class WorkerProcess:
    process: asyncio.subprocess.Process
    log: Path
    http: str

    def said(self) -> str:
        return self.log.read_text()

    def logged(self, *events: str) -> list[dict[str, Any]]:
        """Return the log lines of these events, or all; every line is JSON."""
        lines = [json.loads(line) for line in self.said().splitlines()]
        return [line for line in lines if not events or line["event"] in events]

    async def get(self, path: str) -> tuple[int, Any]:
        return await get(f"http://{self.http}{path}")

    async def stop(self) -> int:
        """Stop the worker and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def working(
    environment: Mapping[str, str], folder: Path, name: str = "worker", release: Path | None = None
) -> AsyncIterator[WorkerProcess]:
    """Start a worker of this code or another release's, once it is ready; kill it at the end."""
    ready, log, http = folder / f"{name}.ready", folder / f"{name}.log", f"{LOOPBACK}:{free_port()}"
    settings = {"COMPLAINTS_READY_FILE": str(ready), "COMPLAINTS_HTTP": http, **environment}
    code = {"PYTHONPATH": str(release)} if release else {}
    with log.open("w") as to_log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "worker", "run"),
            cwd=release,
            env={**os.environ, **settings, **code},
            stdout=to_log,
            stderr=to_log,
        )
    try:
        assert await asyncio.to_thread(wait_until, ready.exists, patience=PATIENCE), log.read_text()
        yield WorkerProcess(process, log, http)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def get(url: str) -> tuple[int, Any]:
    """Return the status and the JSON of the answer."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 (http, as written above)
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)
