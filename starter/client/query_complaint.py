"""Query a complaint; read the record where its workflow has ended or does not answer."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import NoReturn, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.procedure.answers import Answer
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.ledgers import LedgerView, ledgers_of
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.records.database import RecordUnreachableError
from complaints.temporal.calls import NoAnswerError, WorkflowEndedError, call_with_timeout, query_workflow
from starter.client.send_act import NotRunningError, complaint_handle
from workflows import names

OpenRecord = Callable[[], AbstractAsyncContextManager[AsyncEngine]]
"""Opens the record for the length of a `with` block. Raises RecordUnreachableError."""

T = TypeVar("T")


def refuse_lost(reference: str) -> NoReturn:
    """Raise NotRunningError for a complaint that has no running workflow."""
    raise NotRunningError(reference, is_lost=True)


async def fetch_history(
    client: Client,
    open_record: OpenRecord,
    reference: str,
    timeout_seconds: float,
    on_lost: Callable[[str], None] = refuse_lost,
) -> ComplaintHistory | None:
    """Fetch a complaint with its events. None: there is no such complaint.

    The workflow has `timeout_seconds` to answer; then the record is read. `on_lost` gets the reference of one that is
    open on the record and does not run, before its record is returned.
    Raises NoAnswerError if the workflow does not answer and the record does not have it, or is unavailable.
    Raises CannotAnswerError, and RecordUnreachableError.
    """
    query = query_workflow(complaint_handle(client, reference), names.STATE_QUERY, ComplaintHistory)
    read = partial(queries.read_history, reference=reference)
    return await _query_or_read(query, read, open_record, reference, timeout_seconds, on_lost)


async def fetch_ledgers(
    client: Client,
    open_record: OpenRecord,
    reference: str,
    timeout_seconds: float,
    on_lost: Callable[[str], None] = refuse_lost,
) -> list[LedgerView] | None:
    """Fetch the ledger of each deadline. Arguments and errors are as in `fetch_history`."""
    query = query_workflow(complaint_handle(client, reference), names.EXPLAIN_QUERY, list[LedgerView])
    read = partial(_recorded_ledgers, reference=reference)
    return await _query_or_read(query, read, open_record, reference, timeout_seconds, on_lost)


async def fetch_answer(client: Client, reference: str, act_id: str) -> Answer | None:
    """Fetch the answer to an act. None: no act with this id has come, or it waits.

    Raises NoAnswerError, CannotAnswerError, and temporalio's RPCError with NOT_FOUND.
    """
    handle = complaint_handle(client, reference)
    query = query_workflow(handle, names.ANSWER_QUERY, cast("type[Answer | None]", Answer | None), [act_id])
    return await call_with_timeout(query)


async def fetch_is_waiting(client: Client, reference: str, act_id: str) -> bool:
    """Fetch whether an act with this id waits for its answer.

    Raises as `fetch_answer` does.
    """
    query = query_workflow(complaint_handle(client, reference), names.WAITING_QUERY, bool, [act_id])
    return await call_with_timeout(query)


async def _query_or_read(
    query: Awaitable[T],
    read: Callable[[AsyncEngine], Awaitable[T | None]],
    open_record: OpenRecord,
    reference: str,
    timeout_seconds: float,
    on_lost: Callable[[str], None],
) -> T | None:
    no_answer: NoAnswerError | None = None
    try:
        return await call_with_timeout(query, timeout_seconds)
    except (RPCError, WorkflowEndedError):
        pass  # NOT_FOUND: Temporal never had it, or has deleted it since
    except NoAnswerError as error:
        no_answer = error
    try:
        async with open_record() as engine:
            if no_answer is None and (found := await queries.find_complaint(engine, reference)) and not found.closed_at:
                on_lost(reference)
            result = await read(engine)
    except RecordUnreachableError as error:
        raise no_answer or error from error
    if result is None and no_answer:
        raise no_answer
    return result


async def _recorded_ledgers(engine: AsyncEngine, reference: str) -> list[LedgerView] | None:
    state = await queries.read_state(engine, reference)
    return None if state is None else ledgers_of(Complaint(state))
