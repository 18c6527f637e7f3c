"""Large signals from a stranger leave a complaint alive."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from complaints.procedure import acts
from complaints.procedure.views.views import ComplaintHistory
from tests.encryption.stranger import stranger_of
from tests.workflows.complaint_driver import ComplaintOpener

WITHIN_SECONDS = 180.0
"""Each signal fails the workflow task that runs, and the server waits longer after each failure."""
LARGE = Payload(metadata={"encoding": b"json/plain"}, data=b'"' + b"x" * 3_900_000 + b'"')


async def test_a_flood_of_large_signals_leaves_the_complaint_alive(
    client: Client, engine: AsyncEngine, worker: Worker
) -> None:
    complaint = await ComplaintOpener(client, engine, worker.task_queue).open()
    handle = stranger_of(client).get_workflow_handle(complaint.reference)
    for _ in range(16):
        await handle.signal("acknowledge", RawValue(LARGE))
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            try:
                assert (await complaint.do(acts.Acknowledge)).code == "done"
                break
            except RPCError as error:  # a task failed, because more signals came
                assert error.status is RPCStatusCode.FAILED_PRECONDITION  # noqa: PT017
                await asyncio.sleep(1)
    history: ComplaintHistory = await complaint.check_agreement()
    assert [event.kind for event in history.events].count("refused") == 16
