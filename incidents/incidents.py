"""How each incident is made and repaired, and the one alert that it must fire."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import make_url
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from complaints.messages.key import MessageKey
from incidents.environment import DEPLOYMENT, Environment
from local.servers.owner import owner_url
from local.servers.postgres import KEYS
from worker.schedules import DIGEST

Repair = Callable[[], Awaitable[object]]
CALM_POLICY = "financial-ombudsman-service"
REASON = "an incident is made"
STALL_SECONDS = 5.0
"""Longer than a caller rests between two requests, so that each waits; shorter than the service's patience."""


@dataclass(frozen=True)
class Incident:
    name: str
    alert: str
    make: Callable[[Environment], Awaitable[Repair]]
    """Makes it; returns what repairs it."""


async def _workers_killed(environment: Environment) -> Repair:
    await environment.stop("worker")
    return lambda: environment.start("worker")


async def _temporal_killed(environment: Environment) -> Repair:
    await environment.stop("temporal")
    return lambda: environment.start("temporal")


async def _postgres_stopped(environment: Environment) -> Repair:
    await environment.stop("postgres", signal.SIGQUIT)
    return lambda: environment.start("postgres")


async def _keys_cut_off(environment: Environment) -> Repair:
    """Close the key store's database to connections; PostgreSQL serves the record as before."""
    owner = await asyncpg.connect(owner_url(environment.url).replace("+asyncpg", ""))
    await owner.execute(f"ALTER DATABASE {KEYS} ALLOW_CONNECTIONS false")
    await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", KEYS)

    async def restore() -> None:
        await owner.execute(f"ALTER DATABASE {KEYS} ALLOW_CONNECTIONS true")
        await owner.close()

    return restore


async def _row_locked(environment: Environment) -> Repair:
    """Lock a complaint on the record, so that PostgreSQL answers and its recordings do not end."""
    await environment.open("LOCKED")
    url = make_url(owner_url(environment.url))
    connection = await asyncpg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, database=url.database
    )
    await connection.execute("BEGIN")
    await connection.execute("SELECT 1 FROM complaints WHERE reference = 'LOCKED' FOR UPDATE")
    return lambda: connection.close()


async def _workflow_reset(environment: Environment) -> Repair:
    """Reset a workflow to before an act, and let another act take its number."""
    await environment.open("FORKED", CALM_POLICY)
    await environment.complaints("acknowledge", "FORKED", "--as", "m.okafor", "--yes")
    await environment.wait_recorded("FORKED", "acknowledge")
    task = await _task_before_last_update(environment.client.get_workflow_handle("FORKED"))
    what = ("--event-id", str(task), "--reapply-exclude", "All", "--reason", REASON)
    await environment.temporal("workflow", "reset", "--workflow-id", "FORKED", *what)
    await environment.complaints("add-information", "FORKED", "--as", "h.lee", "--note", "She rang.", "--yes")
    # It exits with 1, as a person must look at the act that only Temporal has.
    return lambda: environment.worker_command("reconcile", accepted=(0, 1))


async def _task_before_last_update(handle: WorkflowHandle[Any, Any]) -> int:
    """Return the event at which a reset takes back the last update."""
    history = (await handle.fetch_history()).events
    updates = [
        event.event_id
        for event in history
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    ]
    return max(
        event.event_id
        for event in history
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED and event.event_id < updates[-1]
    )


async def _task_fails(environment: Environment) -> Repair:
    """Start a complaint whose input no code can read."""
    handle = await environment.client.start_workflow("Complaint", "not a form", id="STUCK", task_queue="complaints")
    return lambda: handle.terminate("the incident is over; nobody's complaint")


async def _workflow_terminated(environment: Environment) -> Repair:
    await environment.open("TERMINATED")
    await environment.temporal("workflow", "terminate", "--workflow-id", "TERMINATED", "--reason", REASON)
    return lambda: environment.worker_command("revive", "TERMINATED")


async def _workflow_paused(environment: Environment) -> Repair:
    """Pause a workflow, so that its deadline passes and nothing else says so."""
    await environment.open("PAUSED")
    await environment.temporal("workflow", "pause", "--workflow-id", "PAUSED", "--reason", REASON)
    return lambda: environment.temporal("workflow", "unpause", "--workflow-id", "PAUSED", "--reason", "it is over")


async def _mail_server_stopped(environment: Environment) -> Repair:
    await environment.mail.stop()
    await environment.open("WAITING", CALM_POLICY)
    return environment.mail.start


async def _address_refused(environment: Environment) -> Repair:
    environment.mail.inject("rcpt", "550 5.1.1 no such mailbox", times=1)
    await environment.open("HELD", CALM_POLICY)

    async def send_again() -> None:
        environment.mail.clear_faults()
        held = json.loads(await environment.complaints("letters", "--held", "--json"))
        keys = [MessageKey.model_validate(letter["key"]) for letter in held]
        await environment.complaints("letters", "retry", *map(str, keys))

    return send_again


async def _intake_killed(environment: Environment) -> Repair:
    await environment.stop("intake")
    return lambda: environment.start("intake")


async def _intake_cut_off(environment: Environment) -> Repair:
    """Cut the intake service off from Temporal, which the workers still reach."""
    environment.intake_proxy.refuse()

    async def restore() -> None:
        environment.intake_proxy.restore()

    return restore


async def _intake_slowed(environment: Environment) -> Repair:
    """Let the intake service wait for Temporal, again and again."""

    async def slow_down() -> None:
        while True:
            environment.intake_proxy.stall()
            await asyncio.sleep(STALL_SECONDS)
            environment.intake_proxy.restore()
            await asyncio.sleep(0.2)

    slowing = asyncio.create_task(slow_down())

    async def restore() -> None:
        slowing.cancel()
        with suppress(asyncio.CancelledError):
            await slowing
        environment.intake_proxy.restore()

    return restore


async def _schedule_paused(environment: Environment) -> Repair:
    toggle = ("schedule", "toggle", "--schedule-id", DIGEST, "--reason", REASON)
    await environment.temporal(*toggle, "--pause")
    return lambda: environment.temporal(*toggle, "--unpause")


async def _version_not_current(environment: Environment) -> Repair:
    """Replace the worker by a versioned one, and forget to make its version current."""
    await environment.start("versioned")
    await environment.stop("worker", signal.SIGTERM)
    which = ("--deployment-name", DEPLOYMENT, "--build-id", "1", "--yes")
    return lambda: environment.temporal("worker", "deployment", "set-current-version", *which)


INCIDENTS = (
    Incident("all workers are killed", "NoWorkerPolls", _workers_killed),
    Incident("Temporal is killed", "TemporalUnreachable", _temporal_killed),
    Incident("PostgreSQL is stopped", "RecordUnreachable", _postgres_stopped),
    Incident("the key store is cut off", "KeyStoreUnreachable", _keys_cut_off),
    Incident("a row of the record is locked", "RecordBehind", _row_locked),
    Incident("a workflow is reset: a fork", "RecordForked", _workflow_reset),
    Incident("a workflow task fails", "WorkflowTaskFails", _task_fails),
    Incident("a workflow is terminated", "ComplaintsWithoutWorkflow", _workflow_terminated),
    Incident("a deadline passes unrecorded", "DeadlineNotKept", _workflow_paused),
    Incident("the mail server is down", "LettersWaiting", _mail_server_stopped),
    Incident("a letter is held", "LettersHeld", _address_refused),
    Incident("the intake service is killed", "IntakeDown", _intake_killed),
    Incident("the intake service is cut off", "IntakeErrors", _intake_cut_off),
    Incident("the intake service is slow", "IntakeSlow", _intake_slowed),
    Incident("a schedule is paused", "ScheduleDidNotRun", _schedule_paused),
    Incident("no version is current", "NoCurrentVersion", _version_not_current),
)
"""The last one leaves a versioned worker."""
