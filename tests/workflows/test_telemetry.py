"""The log of a complaint: each event once, and a limit for each task."""

import logging
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.procedure import acts
from tests.workflows.complaint_driver import MONDAY, Case, Desk
from worker.composition import make_worker
from workflows.telemetry import MAX_LOG_LINES


@pytest.fixture(autouse=True)
def _log_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "workflows")


def lines(caplog: pytest.LogCaptureFixture, case: Case) -> list[logging.LogRecord]:
    return [
        line
        for line in caplog.records
        if line.name == "workflows.telemetry" and vars(line)["temporal_workflow"]["workflow_id"] == case.reference
    ]


async def test_a_worker_without_cache_logs_each_event_once(
    client: Client, engine: AsyncEngine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.composition.Worker", partial(Worker, max_cached_workflows=0))
    desk = Desk(client, engine, "logged-once")
    async with make_worker(client, engine, desk.task_queue):
        case = await desk.open()
        await case.tell(acts.Acknowledge)
        await case.tell(acts.Acknowledge)
        await case.until(MONDAY + timedelta(days=40))
        story = await case.quiet()
    logged = Counter(vars(line).get("kind") or line.getMessage() for line in lines(caplog, case))
    happened = Counter(event.kind for event in story.events)
    assert (logged["taken"], logged["refused"]) == (1, 1)
    for kind in ("opened", "reminded", "lapsed", "chased", "escalated_on_lapse"):
        assert logged[kind] == happened[kind] > 0


async def test_of_very_many_events_the_first_are_logged_and_the_number_of_the_rest(
    client: Client, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(client, engine, "logged-in-part")
    case = await desk.open(advance=False)
    for number in range(MAX_LOG_LINES + 5):
        await case.signal(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    async with make_worker(client, engine, desk.task_queue):
        await case.until(MONDAY)
        await case.quiet()
    logged = lines(caplog, case)
    opening = 1
    *first_lines, rest = logged
    assert len(first_lines) + vars(rest)["further"] == opening + MAX_LOG_LINES + 5
    assert len(first_lines) <= opening + MAX_LOG_LINES, "the opening may have been logged before"
