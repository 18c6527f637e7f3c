"""Large signals from a stranger leave a complaint alive."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from complaints.procedure import acts
from complaints.procedure.views.views import ComplaintHistory
from tests.encryption.stranger import stranger_of
from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker

QUEUE = "flooded"
LARGE = Payload(metadata={"encoding": b"json/plain"}, data=b'"' + b"x" * 3_900_000 + b'"')


async def test_a_flood_of_large_signals_leaves_the_complaint_alive(client: Client, engine: AsyncEngine) -> None:
    """No worker runs meanwhile.

    A task that runs fails at each signal, and the server waits longer after each failure.
    """
    async with make_worker(client, engine, QUEUE):
        complaint = await ComplaintOpener(client, engine, QUEUE).open()
    handle = stranger_of(client).get_workflow_handle(complaint.reference)
    for _ in range(16):
        await handle.signal("acknowledge", RawValue(LARGE))
    async with make_worker(client, engine, QUEUE):
        assert (await complaint.do(acts.Acknowledge)).code == "done"
        history: ComplaintHistory = await complaint.check_agreement()
    assert [event.kind for event in history.events].count("refused") == 16
