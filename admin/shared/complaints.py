"""Fetch one complaint: from its workflow, else from the record."""

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError, Exit, bad_input, refused
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.temporal.calls import query_workflow
from starter.client.send_act import ActRefusedError, handle_of, refuse_not_running
from workflows import names

HINT = "see that a worker runs"


async def fetch_history(reach: Connections, reference: str) -> ComplaintHistory:
    client = await reach.temporal()
    query = query_workflow(handle_of(client, reference), names.STATE_QUERY, ComplaintHistory)
    try:
        return await call_workflow(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            story = await queries.complaint_history(engine, reference)
        if story is None:
            raise await not_running(reach, client, reference) from error
        return story


async def not_running(reach: Connections, client: Client, reference: str) -> CommandError:
    """Temporal has no such open workflow: the record tells a complaint that closed long ago from an unknown one."""
    async with reach.record() as engine:
        why = await refuse_not_running(engine, reference)
    if isinstance(why, ActRefusedError):
        return refused(why.refusal.code, why.refusal.sentence, reference=reference)
    if why.is_lost:
        what = f"{reference} is open on the record, but Temporal ({client.namespace}) has no workflow for it"
        return CommandError(Exit.FAILED, what)
    return bad_input(f"REF: there is no complaint {reference}")
