"""The log of a complaint: each event once, and a limit for each task."""

import logging
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure import acts
from tests.fixtures.servers import WITHOUT_CACHE
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from workflows.telemetry import MAX_LOG_LINES


@pytest.fixture(autouse=True)
def _log_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "workflows")


def lines(caplog: pytest.LogCaptureFixture, complaint: ComplaintDriver) -> list[logging.LogRecord]:
    return [
        line
        for line in caplog.records
        if line.name == "workflows.telemetry" and vars(line)["temporal_workflow"]["workflow_id"] == complaint.reference
    ]


async def test_a_worker_without_cache_logs_each_event_once(
    client: Client, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    opener = ComplaintOpener(client, engine, "logged-once")
    async with make_worker(client, engine, opener.task_queue, settings=WITHOUT_CACHE):
        complaint = await opener.open()
        await complaint.do(acts.Acknowledge)
        await complaint.do(acts.Acknowledge)
        await complaint.advance_to(MONDAY + timedelta(days=40))
        history = await complaint.wait_until_recorded()
    logged = Counter(vars(line).get("kind") or line.getMessage() for line in lines(caplog, complaint))
    kinds = Counter(event.kind for event in history.events)
    assert (logged["taken"], logged["refused"]) == (1, 1)
    for kind in ("opened", "reminded", "lapsed", "chased", "escalated_on_lapse"):
        assert logged[kind] == kinds[kind] > 0


async def test_of_many_events_the_first_are_logged_and_the_others_counted(
    client: Client, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    opener = ComplaintOpener(client, engine, "logged-in-part")
    complaint = await opener.open(advance=False)
    for number in range(MAX_LOG_LINES + 5):
        await complaint.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    async with make_worker(client, engine, opener.task_queue):
        await complaint.advance_to(MONDAY)
        await complaint.wait_until_recorded()
    logged = lines(caplog, complaint)
    opening = 1
    *first_lines, rest = logged
    assert len(first_lines) + vars(rest)["further"] == opening + MAX_LOG_LINES + 5
    assert len(first_lines) <= opening + MAX_LOG_LINES, "the opening may have been logged before"
