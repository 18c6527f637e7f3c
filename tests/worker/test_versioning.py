"""One command deploys or rolls back with complaints open, and nothing is lost."""

import asyncio
import itertools
import subprocess
import sysconfig
from collections import Counter
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure import acts
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from tests.worker.process import WorkerProcess, working
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

QUEUE = "versioned"
DEPLOYMENT = "complaints"
TIMEOUT_SECONDS = 60.0
"""Seconds."""

staff = (f"m.{number}" for number in itertools.count(1))


async def test_an_open_complaint_goes_on_with_the_next_version_and_back(
    environment: dict[str, str], stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    versioned = environment | {"COMPLAINTS_TASK_QUEUE": QUEUE, "COMPLAINTS_DEPLOYMENT": DEPLOYMENT}
    async with (
        working(versioned | {"COMPLAINTS_BUILD_ID": "a"}, tmp_path, "a") as first,
        working(versioned | {"COMPLAINTS_BUILD_ID": "b"}, tmp_path, "b") as second,
    ):
        waits = await logged(first, "not the current version, so no tasks come")
        await make_current(stack, waits["command"])
        await logged(first, "the current version")

        instant = now()
        complaint = await ComplaintOpener(client, engine, QUEUE).open(
            now=instant, received_at=instant, told_case_handler_on=f"{instant:%Y-%m-%d}"
        )
        await reassign(complaint)
        await complaint.wait_until_recorded()
        assert (taken(first), taken(second)) == (1, 0)

        deploy = await logged(second, "not the current version, so no tasks come")
        assert deploy["command"].endswith(" --deployment-name complaints --build-id b")
        await make_current(stack, deploy["command"])
        await logged(second, "the current version")
        await taken_over(complaint, second)
        served_by_first = taken(first)

        await make_current(stack, waits["command"])
        await taken_over(complaint, first)
        history = await complaint.wait_until_recorded()
        assert taken(first) > served_by_first
    assert [event.sequence for event in history.events] == list(range(1, history.sequence + 1))
    assert Counter(event.kind for event in history.events)["reassign"] == taken(first) + taken(second)


async def logged(worker: WorkerProcess, event: str) -> dict[str, str]:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            for line in worker.logged(event):
                return line
            await asyncio.sleep(0.1)


async def make_current(stack: EphemeralStack, command: str) -> None:
    """Run the command that the worker logged."""
    _, *arguments = command.split()
    temporal = Path(sysconfig.get_path("scripts")) / "temporal"
    done = await asyncio.to_thread(
        subprocess.run,
        [str(temporal), *arguments, "--address", stack.temporal_address, "--yes"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


async def reassign(complaint: ComplaintDriver) -> None:
    to = next(staff)
    answer = await complaint.do(acts.Reassign, by="lead", to=to, reason="On leave.")
    assert (answer.code, answer.holder) == ("done", to)


async def taken_over(complaint: ComplaintDriver, worker: WorkerProcess) -> None:
    """Send acts until one runs there: an earlier task may still run on the other worker."""
    before = taken(worker)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while taken(worker) == before:
            await reassign(complaint)


def taken(worker: WorkerProcess) -> int:
    """Count the acts that the worker has taken."""
    return len(worker.logged("taken"))
