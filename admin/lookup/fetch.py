"""Fetch a complaint together with the texts that only the record has."""

from contextlib import suppress

from admin.shared.complaints import fetch_history, fetch_ledgers
from admin.shared.connections import Connections
from admin.shared.errors import CommandError
from complaints.procedure.dates.ledgers import LedgerView
from complaints.procedure.form import Form
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.records.erasure import find_tombstone
from complaints.records.tombstone import Tombstone


async def history_and_free_text(
    connections: Connections, reference: str
) -> tuple[ComplaintHistory, dict[int, dict[str, str]], Form | None]:
    """Fetch a complaint, its free text by event and field, and its form. Raises CommandError.

    The form is None while the record lacks the complaint.
    """
    history = await fetch_history(connections, reference)
    async with connections.record() as engine:
        free_text = await queries.read_free_text(engine, reference)
        return history, free_text, await queries.read_form(engine, reference)


async def tombstone_of(connections: Connections, history: ComplaintHistory) -> Tombstone | None:
    """Fetch a closed complaint's tombstone; None also while the record is unavailable."""
    if history.closed_at is None:
        return None
    with suppress(CommandError):
        async with connections.record() as engine:
            return await find_tombstone(engine, history.reference)
    return None


async def ledgers_with_reasons(connections: Connections, reference: str) -> list[LedgerView]:
    """Fetch a complaint's ledgers with the reason for each move. Raises CommandError.

    While the record is unavailable, the reasons are missing.
    """
    ledgers = await fetch_ledgers(connections, reference)
    if any(ledger.moves for ledger in ledgers):
        with suppress(CommandError):
            async with connections.record() as engine:
                _add_reasons(ledgers, await queries.read_free_text(engine, reference))
    return ledgers


def _add_reasons(ledgers: list[LedgerView], free_text: dict[int, dict[str, str]]) -> None:
    for move in (move for ledger in ledgers for move in ledger.moves):
        texts = free_text.get(move.event or 0, {})
        move.why = texts.get("explanation") or texts.get("reason")
