"""Asking a complaint where it stands: its workflow, and the record once Temporal no longer has it."""

from contextlib import suppress

from temporalio.service import RPCError

from admin.shared.complaints import HINT, fetch_history, not_running
from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.ledgers import LedgerView, ledgers_of
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.records.erasure import tombstone
from complaints.records.tombstone import Tombstone
from complaints.temporal.calls import query_workflow
from starter.client.send_act import handle_of
from workflows import names


async def history_and_free_text(
    reach: Connections, reference: str
) -> tuple[ComplaintHistory, dict[int, dict[str, str]]]:
    """People's words, by the number of their event and by field, are on the record alone."""
    story = await fetch_history(reach, reference)
    async with reach.record() as engine:
        return story, await queries.free_text(engine, reference)


async def tombstone_of(reach: Connections, story: ComplaintHistory) -> Tombstone | None:
    """Only of a closed one; where the record is out of reach, none."""
    if story.closed_at is None:
        return None
    with suppress(CommandError):
        async with reach.record() as engine:
            return await tombstone(engine, story.reference)
    return None


async def ledgers_now(reach: Connections, reference: str) -> list[LedgerView]:
    """With what was said of each move; where the record is out of reach, without."""
    client = await reach.temporal()
    query = query_workflow(handle_of(client, reference), names.EXPLAIN_QUERY, list[LedgerView])
    try:
        ledgers = await call_workflow(query, HINT)
    except RPCError as error:
        async with reach.record() as engine:
            state = await queries.state(engine, reference)
        if state is None:
            raise await not_running(reach, client, reference) from error
        ledgers = ledgers_of(Complaint(state))
    if any(ledger.moves for ledger in ledgers):
        with suppress(CommandError):
            async with reach.record() as engine:
                _say_why(ledgers, await queries.free_text(engine, reference))
    return ledgers


def _say_why(ledgers: list[LedgerView], words: dict[int, dict[str, str]]) -> None:
    for move in (move for ledger in ledgers for move in ledger.moves):
        said = words.get(move.event or 0, {})
        move.why = said.get("explanation") or said.get("reason")
