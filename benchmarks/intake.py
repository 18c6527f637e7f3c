"""Measure accepted complaints per second: intake service against bare `start_workflow`.

No worker runs, so only accepting is measured. The service has a process of its own; the callers of both sides
share this one.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import httpx2
from temporalio.client import Client

from benchmarks.load import Size, at_once
from benchmarks.servers import running
from benchmarks.workloads import form
from complaints.calendars.builder import calendar_for
from complaints.encryption.key_ring import open_key_ring
from complaints.policies.loader import load_policy
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Start
from complaints.procedure.views.views import view_of
from complaints.runtime.clock import now
from complaints.settings import Settings
from complaints.temporal.client import connect
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.summaries import fit_summary
from local.ephemeral_stack import EphemeralStack
from local.servers.intake import intake, key_file
from local.supervisor.ports import LOOPBACK, free_port
from starter.client.open_complaint import digest_of
from workflows import names
from workflows.input import ComplaintInput

BARE, INTAKE = "bare `start_workflow`", "intake service"
DETAILS = "x" * 250
"""As long as the static details of a complaint."""
QUEUE_WITHOUT_WORKER = "nobody"
"""A task queue without a worker."""
UNLIMITED = {
    "COMPLAINTS_INTAKE_RATE": "100000",
    "COMPLAINTS_INTAKE_AT_ONCE": "1000",
    "COMPLAINTS_TASK_QUEUE": QUEUE_WITHOUT_WORKER,
}

Accept = Callable[[str], Awaitable[None]]
Tell = Callable[[str], None]
Speeds = dict[str, list[float]]


async def measure(stack: EphemeralStack, size: Size, tell: Tell) -> Speeds:
    """Return the complaints per second of each round, by side; the first round warms up."""
    folder, port = stack.directory / "intake", free_port()
    folder.mkdir()
    role = intake(
        folder,
        port=port,
        temporal_address=stack.temporal_address,
        database_url=stack.database_url,
        keys=stack.key_settings,
    )
    with running(replace(role, cwd=folder, env={**role.env, **UNLIMITED, "PYTHONPATH": os.pathsep.join(sys.path)})):
        headers = {"Authorization": f"Bearer {key_file(folder).read_text().strip()}"}
        async with (
            open_key_ring(Settings.read(stack.key_settings)) as keys,
            httpx2.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", headers=headers, timeout=30) as caller,
        ):
            client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
            return await _alternate({BARE: _bare(client), INTAKE: _through(caller)}, size, tell)


async def _alternate(sides: dict[str, Accept], size: Size, tell: Tell) -> Speeds:
    speeds: Speeds = {name: [] for name in sides}
    for number in range(size.rounds + 1):
        for name in sides if number % 2 else reversed(sides):
            tell(f"accepting, {'warming up' if number == 0 else f'round {number} of {size.rounds}'}: {name}")
            prefix = f"{name.split()[0]}-{number}"
            begun = perf_counter()
            await at_once(size.accepted, partial(_accept, sides[name], prefix))
            if number:
                speeds[name].append(size.accepted / (perf_counter() - begun))
    return speeds


async def _accept(accept: Accept, prefix: str, number: int) -> None:
    await accept(f"{prefix}-{number}")


def _bare(client: Client) -> Accept:
    """Start a workflow with a complaint's input; check, compute and look up nothing."""
    given, policy = form("BARE"), load_policy()
    calendar = calendar_for(policy, given.received_at, now())
    digest = digest_of(given)
    first = Start(form=given, policy=policy, calendar=calendar, opened_by="intake", form_digest=digest)
    shown: dict[str, Any] = {
        "search_attributes": attributes_of(view_of(Complaint.open(first, now()))),
        "memo": {names.FORM_DIGEST_MEMO: digest},
        "static_summary": fit_summary(policy.title),
        "static_details": DETAILS,
    }

    async def accept(reference: str) -> None:
        named = given.model_copy(update={"reference": reference})
        given_to_it = ComplaintInput(start=first.model_copy(update={"form": named}))
        await client.start_workflow(names.WORKFLOW, given_to_it, id=reference, task_queue=QUEUE_WITHOUT_WORKER, **shown)

    return accept


def _through(caller: httpx2.AsyncClient) -> Accept:
    async def accept(reference: str) -> None:
        body = form(reference).model_dump_json()
        answer = await caller.post("/complaints", content=body, headers={"Content-Type": "application/json"})
        answer.raise_for_status()

    return accept
