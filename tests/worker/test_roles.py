"""Workers of different roles share the work, and each starts only what its role needs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from activities.task_queues import delivery_queue, operations_queue, report_queue
from complaints.procedure import acts
from complaints.runtime.service import StartupError
from complaints.setting_types import WorkerRole
from complaints.settings import WorkerSettings, settings_errors
from local.ephemeral_stack import EphemeralStack
from local.supervisor.processes import wait_until
from tests.house.sources import ROOT
from tests.worker.process import WorkerProcess, working
from tests.worker.test_annual_report import draft
from tests.worker.test_versioning import TIMEOUT_SECONDS, logged, make_current, open_by_post
from tests.workflows.complaint_driver import ComplaintOpener
from worker.database_connections import pools_of_worker
from worker.roles.served import check_needs, hands_over, roles_of
from worker.schedules import ANNUAL_REPORT

QUEUE = "in-roles"
QUEUES = {
    "complaints,operations": [QUEUE, operations_queue(QUEUE)],
    "deliveries": [delivery_queue(QUEUE)],
    "reports": [report_queue(QUEUE)],
}
"""The task queues of each worker, by its COMPLAINTS_SERVES."""
CHANNEL = {"COMPLAINTS_POST_ROOM": "/post-room"}
KEYS = {"monitoring": 2, "keys": 2}


def serving(roles: str, more: Mapping[str, str] | None = None) -> WorkerSettings:
    return WorkerSettings.read({"COMPLAINTS_SERVES": roles, **(more or {})})


def test_a_worker_serves_all_roles_unless_some_are_named() -> None:
    assert WorkerSettings().serves == set(WorkerRole)
    assert serving(" Deliveries, complaints ").serves == {WorkerRole.DELIVERIES, WorkerRole.COMPLAINTS}


@pytest.mark.parametrize("value", ["letters", "complaints,", "complaints;deliveries"])
def test_a_role_that_does_not_exist_is_answered_with_those_that_do(value: str) -> None:
    with pytest.raises(ValidationError) as error:
        serving(value)
    assert settings_errors(error.value) == [
        "COMPLAINTS_SERVES: give one or more of complaints, operations, deliveries, reports, separated by commas"
    ]


def test_a_role_that_was_asked_for_and_lacks_what_it_needs_is_named() -> None:
    with pytest.raises(StartupError) as error:
        check_needs(serving("deliveries,reports"))
    assert str(error.value).splitlines() == [
        "COMPLAINTS_SERVES: deliveries needs a channel (COMPLAINTS_SMTP, _POST_ROOM or _WEBHOOK); set it, or omit it",
        "COMPLAINTS_SERVES: reports needs a folder (COMPLAINTS_REPORTS); set it, or omit it",
    ]


def test_without_the_setting_a_role_that_lacks_what_it_needs_is_left_out() -> None:
    check_needs(WorkerSettings())
    assert roles_of(WorkerSettings()) == {WorkerRole.COMPLAINTS, WorkerRole.OPERATIONS}
    assert roles_of(WorkerSettings.read({**CHANNEL, "COMPLAINTS_REPORTS": "/reports"})) == set(WorkerRole)


@pytest.mark.parametrize(
    ("roles", "pools"),
    [
        ("complaints", {"recordings": 20}),
        ("complaints,operations", {"recordings": 20, "retention": 2}),
        ("deliveries", {"deliveries": 20}),
        ("reports", {"reports": 1}),
    ],
)
def test_a_worker_opens_the_pools_of_its_roles_alone(roles: str, pools: dict[str, int]) -> None:
    assert pools_of_worker(serving(roles, {**CHANNEL, "COMPLAINTS_REPORTS": "/reports"})) == pools | KEYS


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (WorkerSettings(), False),
        (WorkerSettings.read(CHANNEL), True),
        (serving("complaints"), True),
        (serving("complaints", CHANNEL), True),
    ],
)
def test_complaints_start_deliveries_where_a_worker_sends_them(settings: WorkerSettings, expected: bool) -> None:
    assert hands_over(settings) is expected


def test_a_worker_that_signs_the_record_has_a_connection_for_it() -> None:
    signing = serving("deliveries", {**CHANNEL, "COMPLAINTS_AUDIT_KEY": "/audit-key"})
    assert pools_of_worker(signing) == {"deliveries": 20, "audit": 1} | KEYS


async def test_workers_of_three_deployments_share_a_complaint_its_letter_and_the_report(
    environment: dict[str, str], stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    folders = {name: tmp_path / name for name in ("post", "reports")}
    settings = environment | {
        "COMPLAINTS_TASK_QUEUE": QUEUE,
        "COMPLAINTS_LETTERS": str(ROOT / "examples" / "letters"),
        "COMPLAINTS_POST_ROOM": str(folders["post"]),
        "COMPLAINTS_REPORTS": str(folders["reports"]),
        "COMPLAINTS_BUILD_ID": "1",
    }
    folders["reports"].mkdir()
    with suppress(RPCError):  # another test's, on another queue
        await client.get_schedule_handle(ANNUAL_REPORT).delete()
    async with by_roles(settings, tmp_path) as workers:
        for worker in workers.values():
            waits = await logged(worker, "not the current version, so no tasks come")
            await make_current(stack, client, waits["command"], waits["deployment"])
        assert {
            roles: [line["task_queue"] for line in worker.logged("polling")] for roles, worker in workers.items()
        } == QUEUES
        complaint = await open_by_post(ComplaintOpener(client, engine, QUEUE))
        await complaint.do(acts.Acknowledge, by="m.okafor")
        letter = f"{complaint.reference}-*.pdf"
        assert await asyncio.to_thread(wait_until, lambda: any(folders["post"].glob(letter)), patience=TIMEOUT_SECONDS)
        assert [file for file in await draft(client) if file.endswith(".json")]
        assert [await worker.stop() for worker in workers.values()] == [0, 0, 0]
        assert not any(worker.logged("taken") for roles, worker in workers.items() if "complaints" not in roles)


@asynccontextmanager
async def by_roles(settings: Mapping[str, str], folder: Path) -> AsyncIterator[dict[str, WorkerProcess]]:
    """Run a worker for each of `QUEUES`, each with a deployment of its own."""
    async with AsyncExitStack() as running:
        started = [
            running.enter_async_context(
                working(
                    {**settings, "COMPLAINTS_SERVES": roles, "COMPLAINTS_DEPLOYMENT": f"{QUEUE}-{number}"},
                    folder,
                    f"worker-{number}",
                )
            )
            for number, roles in enumerate(QUEUES)
        ]
        yield dict(zip(QUEUES, await asyncio.gather(*started), strict=True))
