"""Fetch one complaint: from its workflow, else from the record."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.local_stack.connections import Connections, command_errors
from admin.shared.errors import CommandError, Exit, bad_input, refused
from admin.shared.output import print_error
from complaints.procedure.dates.ledgers import LedgerView
from complaints.procedure.views.views import ComplaintHistory
from complaints.temporal.calls import ANSWER_TIMEOUT_SECONDS
from starter.client import query_complaint, send_act
from starter.client.query_complaint import OpenRecord
from starter.client.send_act import ActRefusedError

HINT = "see that a worker runs"
QUERY_TIMEOUT_SECONDS = 2.5
"""A worker answers within milliseconds; then the record is read."""
RECORD_TIMEOUT_SECONDS = ANSWER_TIMEOUT_SECONDS - QUERY_TIMEOUT_SECONDS

T = TypeVar("T")


async def fetch_history(connections: Connections, reference: str) -> ComplaintHistory:
    """Fetch a complaint with its events. Raises CommandError."""
    return await _fetch(connections, reference, query_complaint.fetch_history)


async def fetch_ledgers(connections: Connections, reference: str) -> list[LedgerView]:
    """Fetch the ledger of each of a complaint's deadlines. Raises CommandError."""
    return await _fetch(connections, reference, query_complaint.fetch_ledgers)


async def _fetch(
    connections: Connections,
    reference: str,
    fetch: Callable[[Client, OpenRecord, str, float, Callable[[str], None]], Awaitable[T | None]],
) -> T:
    async with connections.temporal() as client:
        return await _fetch_with(connections, client, reference, fetch)


async def _fetch_with(
    connections: Connections,
    client: Client,
    reference: str,
    fetch: Callable[[Client, OpenRecord, str, float, Callable[[str], None]], Awaitable[T | None]],
) -> T:
    is_from_record, is_lost = False, False

    @asynccontextmanager
    async def open_record() -> AsyncIterator[AsyncEngine]:
        nonlocal is_from_record
        async with connections.open_record(RECORD_TIMEOUT_SECONDS) as engine:
            is_from_record = True
            yield engine

    def note_lost(_: str) -> None:
        nonlocal is_lost
        is_lost = True

    with command_errors(HINT):
        result = await fetch(client, open_record, reference, QUERY_TIMEOUT_SECONDS, note_lost)
    if result is None:
        raise await not_running_error(connections, client, reference)
    if is_lost:
        print_error(f"{_describe_lost(client, reference)} This is what the record has")
    elif is_from_record:
        print_error(f"{reference}: its workflow has ended, or no worker answers; this is what the record has")
    return result


async def not_running_error(connections: Connections, client: Client, reference: str) -> CommandError:
    """Explain by the record why Temporal has no open workflow. Raises CommandError."""
    async with connections.record() as engine:
        error = await send_act.not_running_error(engine, reference)
    if isinstance(error, ActRefusedError):
        return refused(error.refusal.code, error.refusal.sentence, reference=reference)
    if error.is_lost:
        return CommandError(Exit.FAILED, _describe_lost(client, reference))
    return bad_input(f"REF: there is no complaint {reference}")


def _describe_lost(client: Client, reference: str) -> str:
    return (
        f"{reference} is open on the record, but has no running workflow in Temporal ({client.namespace}), so nothing "
        f"of it goes on; run python -m worker revive {reference}."
    )
