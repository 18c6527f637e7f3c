"""Where a complaint stands: it is asked itself; where it has ended, or nobody answers for it, the record is."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.records.database import RecordUnreachableError
from complaints.temporal.calls import NoAnswerError, call_with_timeout, query_workflow
from starter.client.send_act import handle_of
from workflows import names


async def fetch_history(client: Client, engine: AsyncEngine, reference: str, within: float) -> ComplaintHistory | None:
    """None: there is no such complaint. Raises NoAnswerError, CannotAnswerError, RecordUnreachableError."""
    silent: NoAnswerError | None = None
    try:
        return await call_with_timeout(
            query_workflow(handle_of(client, reference), names.STATE_QUERY, ComplaintHistory), within
        )
    except RPCError:
        pass  # Temporal does not have it, or no longer
    except NoAnswerError as error:
        silent = error
    try:
        story = await queries.complaint_history(engine, reference)
    except RecordUnreachableError as error:
        raise silent or error from error
    if story is None and silent:
        raise silent
    return story
