"""The worker's log: one JSON object a line, with the reference and without free text."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateFailedError

from complaints.procedure import acts
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import TcpProxy
from tests.worker.process import WorkerProcess, working
from tests.workflows.complaint_driver import ComplaintOpener
from workflows import names

QUEUE = "logged"
LOGGED_WITHIN = 60.0
"""Seconds."""
PERSONAL = ("Quenby", "Thistlewood", "quenby@", "Marmalade", "Zanzibar", "m.okafor")
"""Parts of a name, an address, free text and an actor."""
COMPLAINANT = {
    "name": "Quenby Thistlewood",
    "capacity": "customer",
    "email": "quenby@example.org",
    "address": "1 Marmalade Lane",
    "prefers": "email",
}


async def logged(worker: WorkerProcess, *events: str, **facts: Any) -> dict[str, Any]:
    """Wait for the first such line."""
    async with asyncio.timeout(LOGGED_WITHIN):
        while True:
            for line in worker.logged(*events):
                if facts.items() <= line.items():
                    return line
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module")
async def tcp_proxy(stack: EphemeralStack) -> AsyncIterator[TcpProxy]:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        yield tcp_proxy


@pytest_asyncio.fixture(scope="module")
async def worker(
    stack: EphemeralStack, tcp_proxy: TcpProxy, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WorkerProcess]:
    """Run a worker that logs all; at its end, nothing in the log is personal."""
    settings = {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_TASK_QUEUE": QUEUE,
        "COMPLAINTS_DATABASE_URL": tcp_proxy.url,
        **stack.key_settings,
        "COMPLAINTS_LOG_LEVEL": "DEBUG",
    }
    async with working(settings, tmp_path_factory.mktemp("logged")) as worker:
        yield worker
        await worker.stop()
    said = [of["event"] for of in worker.logged() if of["logger"] == "worker"]
    assert said == ["limits", "polling", "polling", "draining", "stopped"]
    assert personal(worker) == []


def personal(worker: WorkerProcess) -> list[str]:
    return [word for word in PERSONAL if word in worker.said()]


async def test_an_outage_of_postgresql_is_logged_without_personal_data(
    worker: WorkerProcess, tcp_proxy: TcpProxy, client: Client, engine: AsyncEngine
) -> None:
    opener, instant = ComplaintOpener(client, engine, QUEUE), now()
    complaint = await opener.open(
        now=instant,
        received_at=instant,
        told_case_handler_on=f"{instant:%Y-%m-%d}",
        complainant=COMPLAINANT,
        concerns=[{"aspect": "delay", "what_happened": "Zanzibar never rang me back."}],
    )
    of_complaint = {"reference": complaint.reference}
    await complaint.wait_until_recorded()
    tcp_proxy.refuse()
    await complaint.do(acts.Extend, to="2040-01-02", explanation="Zanzibar is far.")
    await complaint.do(acts.Acknowledge)
    await complaint.handle.signal("Zanzibar", "Quenby")
    await complaint.handle.signal("reply", {"id": "1", "by": "m.okafor", "findings": "Zanzibar", "outcome": "Quenby"})
    with pytest.raises(WorkflowUpdateFailedError):
        await complaint.handle.execute_update("reply", {"findings": "Zanzibar", "outcome": "Quenby"})
    behind = await logged(worker, "not recorded yet", **of_complaint)
    assert (behind["level"], behind["why"].partition(":")[0]) == ("warning", "PostgreSQL is unavailable")
    tcp_proxy.restore()
    await logged(worker, "recorded after all", **of_complaint)
    await complaint.wait_until_recorded()
    await logged(worker, "taken", act="acknowledge", **of_complaint)
    await logged(worker, "refused", act="unknown", code="unknown_act", **of_complaint)
    await logged(worker, "refused", act="reply", code="unreadable", **of_complaint)
    await logged(worker, "refused", act="extend", code="beyond_calendar", **of_complaint)
    await logged(worker, "happened", kind="opened", **of_complaint)
    assert personal(worker) == []


async def test_a_failed_task_is_logged_with_its_place_and_without_its_input(
    worker: WorkerProcess, client: Client
) -> None:
    poison = {"start": {"form": {"reference": "L-1", "complainant": COMPLAINANT, "concerns": "Zanzibar"}}}
    handle = await client.start_workflow(names.WORKFLOW, poison, id="L-1", task_queue=QUEUE)
    failed = await logged(worker, reference="L-1", level="warning")
    assert failed["event"].startswith("Failed activation on workflow Complaint with ID L-1")
    assert "ValidationError" in failed["exception"]
    await handle.terminate()
    assert personal(worker) == []
