"""One command deploys or rolls back with complaints open, and nothing is lost."""

import asyncio
import itertools
import re
import shlex
import subprocess
import sysconfig
from collections import Counter
from contextlib import suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from activities.delivery import delivery_workflow_id
from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.procedure import acts
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from starter.client.delivery_result import find_known_delivery
from tests.house.sources import ROOT
from tests.worker.process import WorkerProcess, working
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

QUEUE = "versioned"
DEPLOYMENT = "tests/complaints"
"""As Temporal's Worker Controller names one."""
TIMEOUT_SECONDS = 60.0
"""Seconds."""
LETTERS = ROOT / "examples" / "letters"
DEPLOYS = (ROOT / "docs" / "deploys.md").read_text()
DOCUMENTED = re.search(r"temporal worker deployment set-current-version .*NEW.*", DEPLOYS)

staff = (f"m.{number}" for number in itertools.count(1))


async def test_an_open_complaint_and_its_letters_go_on_with_the_next_version_and_back(
    environment: dict[str, str], stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    settings = environment | {
        "COMPLAINTS_TASK_QUEUE": QUEUE,
        "COMPLAINTS_LETTERS": str(LETTERS),
        "COMPLAINTS_POST_ROOM": str(tmp_path),
        "COMPLAINTS_REPORTS": str(tmp_path),
    }
    by_temporal = {"TEMPORAL_DEPLOYMENT_NAME": DEPLOYMENT, "TEMPORAL_WORKER_BUILD_ID": "a"}
    by_us = {"COMPLAINTS_DEPLOYMENT": DEPLOYMENT, "COMPLAINTS_BUILD_ID": "b"}
    async with (
        working(settings | by_temporal, tmp_path, "a") as a,
        working(settings | by_us, tmp_path, "b") as b,
    ):
        waits = await logged(a, "not the current version, so no tasks come")
        await make_current(stack, client, waits["command"])
        await logged(a, "the current version")
        await has_queues(client, "a", {QUEUE, f"{QUEUE}-operations", f"{QUEUE}-deliveries", f"{QUEUE}-reports"})

        complaint = await open_by_post(ComplaintOpener(client, engine, QUEUE))
        await reassign(complaint)
        await complaint.wait_until_recorded()
        assert (taken(a), taken(b)) == (1, 0)

        deploy = await logged(b, "not the current version, so no tasks come")
        assert deploy["command"].endswith(f" --deployment-name {DEPLOYMENT} --build-id b")
        await make_current(stack, client, deploy["command"])
        await logged(b, "the current version")
        await taken_over(complaint, b)
        taken_by_first = taken(a)
        await complaint.do(acts.Acknowledge, by="m.okafor")
        assert await builds_of_letters(client, complaint) == ["b"]

        assert DOCUMENTED
        rollback = DOCUMENTED[0].replace("NEW", "a").replace("complaints", DEPLOYMENT)
        await make_current(stack, client, rollback)
        await taken_over(complaint, a)
        history = await complaint.wait_until_recorded()
        assert taken(a) > taken_by_first
    assert [event.sequence for event in history.events] == list(range(1, history.sequence + 1))
    kinds = Counter(event.kind for event in history.events)
    assert kinds["reassign"] + kinds["acknowledge"] == taken(a) + taken(b)


async def queues_of(client: Client, build_id: str) -> set[str]:
    """Return the task queues of a version."""
    described = await client.workflow_service.describe_worker_deployment_version(
        DescribeWorkerDeploymentVersionRequest(
            namespace=client.namespace,
            deployment_version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        )
    )
    return {queue.name for queue in described.version_task_queues}


async def has_queues(client: Client, build_id: str, expected: set[str]) -> None:
    """Wait until a version has these task queues: each is added with its first poll."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            with suppress(RPCError):  # on a busy machine Temporal cancels the call
                queues = await queues_of(client, build_id)
                if queues == expected:
                    return
                assert queues < expected
            await asyncio.sleep(0.1)


async def builds_of_letters(client: Client, complaint: ComplaintDriver) -> list[str]:
    """Wait for the complaint's letters; return the build that sent each."""
    history = await complaint.wait_until_recorded()
    letters = [event.sequence for event in history.events if event.kind == "letter"]
    builds = []
    for sequence in letters:
        key = MessageKey(reference=complaint.reference, sequence=sequence, to=COMPLAINANT)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while True:
                known = await find_known_delivery(client, QUEUE, key)
                if known and known.result:
                    break
                await asyncio.sleep(0.1)
        described = (await client.get_workflow_handle(delivery_workflow_id(key)).describe()).raw_description
        builds.append(described.workflow_execution_info.versioning_info.deployment_version.build_id)
    return builds


async def open_by_post(opener: ComplaintOpener) -> ComplaintDriver:
    """Open a complaint now, whose letters go by post."""
    instant = now()
    address = {"name": "Ada Example", "capacity": "customer", "address": "1 High Street, Leeds", "prefers": "post"}
    told_on = f"{instant:%Y-%m-%d}"
    return await opener.open(now=instant, received_at=instant, told_case_handler_on=told_on, complainant=address)


async def logged(worker: WorkerProcess, event: str) -> dict[str, str]:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            for line in worker.logged(event):
                return line
            await asyncio.sleep(0.1)


async def make_current(stack: EphemeralStack, client: Client, command: str, deployment: str = DEPLOYMENT) -> None:
    """Run the command that the worker logged, and wait until every task queue knows."""
    _, *arguments = shlex.split(command)
    temporal = Path(sysconfig.get_path("scripts")) / "temporal"
    done = await asyncio.to_thread(
        subprocess.run,
        [str(temporal), *dict.fromkeys((*arguments, "--yes")), "--address", stack.temporal_address],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            with suppress(RPCError):  # a busy server cancels a call
                described = await client.workflow_service.describe_worker_deployment(request)
                state = described.worker_deployment_info.routing_config_update_state
                if state != RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS:
                    return
            await asyncio.sleep(0.1)


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
